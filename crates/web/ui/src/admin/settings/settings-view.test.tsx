import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Setting } from '../../api/types';
import { fakeApi, problem } from '../../test/fake-api';
import { renderAt } from '../../test/render-at';
import { chooseLanguage } from '../words/words';
import { SettingsView } from './settings-view';

const READ = 'GET /api/v1/admin/settings';
const SAVE = 'PUT /api/v1/admin/settings';

const setting = (name: string, to: Partial<Setting>): Setting => ({
  name,
  kind: 'text',
  choices: [],
  value: '',
  is_set: false,
  origin: 'default',
  fixed: false,
  changed_at: null,
  ...to,
});

const SETTINGS = [
  setting('site.title', { value: 'Poles', origin: 'database', is_set: true }),
  setting('site.notice', {}),
  setting('mail.smtp_host', { value: 'mx', origin: 'MAGNETIQ__MAIL__SMTP_HOST', fixed: true }),
  setting('mail.smtp_tls', { kind: 'choice', choices: ['starttls', 'tls'], value: 'starttls' }),
  setting('mail.smtp_password', { kind: 'secret', value: null, origin: 'database', is_set: true }),
  setting('later.thing', { value: 'x' }),
];

/** A server that other people may change, too. */
function server() {
  let revision = 3;
  let settings = SETTINGS;
  const answer = () => ({ body: { revision, settings }, headers: { etag: `"${revision}"` } });
  const change = (values: Record<string, string | null>) => {
    revision += 1;
    settings = settings.map(one =>
      one.name in values && one.kind !== 'secret'
        ? { ...one, value: values[one.name] ?? '', origin: 'database' }
        : one,
    );
  };
  const api = fakeApi({
    [READ]: answer,
    [SAVE]: call => {
      if (call.headers.get('if-match') !== `"${revision}"`) {
        return problem(412, 'precondition-failed');
      }
      change((call.body as { values: Record<string, string | null> }).values);
      return answer();
    },
  });
  return { ...api, change };
}

let api: ReturnType<typeof server>;

beforeEach(async () => {
  api = server();
  renderAt('/admin/settings', <SettingsView />);
  await screen.findByLabelText('Name');
});

afterEach(() => chooseLanguage('en'));

const press = (name: string) => userEvent.click(screen.getByRole('button', { name }));
const sent = () => api.made(SAVE).map(call => (call.body as { values: unknown }).values);

it('sends what was changed and nothing else, with what was seen', async () => {
  expect(screen.queryByRole('button', { name: 'Save' })).toBeNull();
  await userEvent.type(screen.getByLabelText('Name'), '!');
  await userEvent.selectOptions(screen.getByLabelText('Encryption'), 'tls');
  expect(screen.getByText('2 unsaved changes')).toBeVisible();
  await press('Save');
  await expect.poll(() => screen.queryByRole('button', { name: 'Save' })).toBeNull();
  expect(sent()).toEqual([{ 'site.title': 'Poles!', 'mail.smtp_tls': 'tls' }]);
  expect(api.made(SAVE)[0]?.headers.get('if-match')).toBe('"3"');
  expect(screen.getByLabelText('Name')).toHaveValue('Poles!');
});

it('says where a value comes from, and lets nobody type what is fixed', async () => {
  const host = screen.getByLabelText('Mail server');
  expect(host).toHaveAccessibleDescription(/Set by MAGNETIQ__MAIL__SMTP_HOST/);
  await userEvent.type(host, 'other');
  expect(host).toHaveValue('mx');
  expect(screen.getByLabelText('Notice above each page')).toHaveAccessibleDescription(
    /The default\./,
  );
});

it('never shows a secret, and keeps, replaces or removes it', async () => {
  const field = screen.getByLabelText('Password');
  expect(field).toHaveValue('');
  expect(field).toHaveAttribute('placeholder', 'Set; type to replace it');
  await userEvent.type(field, 'x');
  await userEvent.clear(field);
  expect(screen.queryByRole('button', { name: 'Save' })).toBeNull();
  await userEvent.type(field, 'sesame');
  await press('Save');
  await expect.poll(sent).toEqual([{ 'mail.smtp_password': 'sesame' }]);
  await expect.poll(() => screen.queryByRole('button', { name: 'Save' })).toBeNull();
  expect(field).toHaveValue('');
  await press('Remove Password');
  await press('Save');
  await expect.poll(() => sent()[1]).toEqual({ 'mail.smtp_password': null });
});

it('goes back to the default, or takes the change back', async () => {
  await press('Use the default of Name');
  expect(screen.getByLabelText('Name')).toHaveValue('');
  await press('Take back the change of Name');
  expect(screen.getByLabelText('Name')).toHaveValue('Poles');
  await userEvent.clear(screen.getByLabelText('Name'));
  await press('Save');
  await expect.poll(sent).toEqual([{ 'site.title': null }]);
});

it('says beside the field what the server refuses', async () => {
  const errors = [{ pointer: '/values/site.notice', detail: 'At most 500 characters.' }];
  api.handlers[SAVE] = () => problem(422, 'invalid', { errors });
  await userEvent.type(screen.getByLabelText('Notice above each page'), 'long');
  await press('Save');
  const field = screen.getByLabelText('Notice above each page');
  await expect.poll(() => field.getAttribute('aria-invalid')).toBe('true');
  expect(field).toHaveAccessibleDescription(/At most 500 characters\./);
  expect(field).toHaveFocus();
  await userEvent.type(field, '!');
  expect(field).not.toBeInvalid();
  expect(field).toHaveValue('long!');
});

it('says it in the language of the page', async () => {
  await chooseLanguage('de');
  const detail = 'At most 500 characters, on one line.';
  const errors = [{ pointer: '/values/site.notice', detail }];
  api.handlers[SAVE] = () => problem(422, 'invalid', { errors });
  await userEvent.type(screen.getByLabelText('Notice above each page'), 'long');
  await press('Speichern');
  expect(await screen.findByText('Höchstens 500 Zeichen, in einer Zeile.')).toBeVisible();
});

it('keeps what was typed when somebody else was faster, and saves on top of theirs', async () => {
  await userEvent.type(screen.getByLabelText('Notice above each page'), 'Mine.');
  api.change({ 'site.title': 'Theirs' });
  await press('Save');
  expect(await screen.findByText('Someone else changed settings')).toBeVisible();
  await expect.poll(() => screen.getByLabelText<HTMLInputElement>('Name').value).toBe('Theirs');
  expect(screen.getByLabelText('Notice above each page')).toHaveValue('Mine.');
  await press('Save');
  await expect.poll(sent).toEqual([{ 'site.notice': 'Mine.' }, { 'site.notice': 'Mine.' }]);
  expect(api.made(SAVE)[1]?.headers.get('if-match')).toBe('"4"');
});

it('shows a setting that it has no words for under its own name', () => {
  const more = screen.getByRole('heading', { name: 'More' }).closest('section');
  expect(within(more as HTMLElement).getByLabelText('later.thing')).toHaveValue('x');
});

it('sends a test letter, and says what the mail server said', async () => {
  api.handlers['POST /api/v1/admin/letters/test'] = () => ({
    body: { delivered: false, detail: '550 no such user' },
  });
  await userEvent.type(screen.getByLabelText('Send it to'), 'ana@example.com');
  await press('Send a test letter');
  expect(await screen.findByText('It was not taken: 550 no such user')).toBeVisible();
  expect(api.made('POST /api/v1/admin/letters/test')[0]?.body).toEqual({ to: 'ana@example.com' });
});
