import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import { fakeApi, problem } from '../../test/fake-api';
import { renderAt } from '../../test/render-at';
import { saveFile } from '../../ui/save-file';
import { PersonDialog } from './person-dialog';

const ERASE = 'POST /api/v1/admin/people/erase';
const EXPORT = 'POST /api/v1/admin/people/export';
const NOTHING = { leads: 0, letters: 0, mentioned: [], has_account: false, done: false };

vi.mock('../../ui/save-file');

async function ask(email: string) {
  await userEvent.clear(screen.getByLabelText('Their e-mail address'));
  await userEvent.type(screen.getByLabelText('Their e-mail address'), email);
  await userEvent.click(screen.getByRole('button', { name: 'Look' }));
}

it('says how much there is, and erases it after it has asked', async () => {
  const api = fakeApi({
    [ERASE]: ({ body }) => ({
      body: { ...NOTHING, leads: 1, letters: 3, done: (body as { confirm?: boolean }).confirm },
    }),
  });
  const close = vi.fn();
  renderAt('/admin/leads', <PersonDialog onShowLead={() => {}} onClose={close} />);
  await ask(' vi@example.com ');
  expect(await screen.findByText('1 lead and 3 letters')).toBeVisible();
  expect(api.made(ERASE).map(({ body }) => body)).toEqual([{ email: 'vi@example.com' }]);
  await userEvent.click(screen.getByRole('button', { name: 'Erase' }));
  const asked = within(await screen.findByRole('alertdialog'));
  expect(asked.getByText(/^What goes: 1 lead and 3 letters/)).toBeVisible();
  await userEvent.click(asked.getByRole('button', { name: 'Erase' }));
  await expect.poll(() => close).toHaveBeenCalledOnce();
  expect(api.made(ERASE).map(({ body }) => body)).toContainEqual({
    email: 'vi@example.com',
    confirm: true,
  });
});

it('hands out everything as a file', async () => {
  const held = { leads: [{ id: '1' }], mentioned: [], letters: [], has_account: false };
  fakeApi({
    [ERASE]: () => ({ body: { ...NOTHING, leads: 1 } }),
    [EXPORT]: () => ({ body: held }),
  });
  renderAt('/admin/leads', <PersonDialog onShowLead={() => {}} onClose={() => {}} />);
  await ask('vi@example.com');
  await userEvent.click(await screen.findByRole('button', { name: 'Download it all' }));
  await expect.poll(() => saveFile).toHaveBeenCalledOnce();
  const [name, mediaType, text] = vi.mocked(saveFile).mock.calls[0] ?? [];
  expect([name, mediaType]).toEqual(['vi@example.com.json', 'application/json']);
  expect(JSON.parse(text ?? '')).toEqual(held);
});

it('leads to what others sent that names the address, and to the account', async () => {
  const lead = {
    id: '9',
    form: 'Contact',
    email: 'cy@example.com',
    answers: [],
    created_at: '2026-11-01T12:00:00Z',
  };
  fakeApi({ [ERASE]: () => ({ body: { ...NOTHING, mentioned: [lead], has_account: true } }) });
  const show = vi.fn();
  renderAt('/admin/leads', <PersonDialog onShowLead={show} onClose={() => {}} />);
  await ask('vi@example.com');
  expect(await screen.findByText('Nothing is held under this address.')).toBeVisible();
  expect(screen.getByRole('link', { name: 'Team' })).toHaveAttribute('href', '/admin/team');
  expect(screen.queryByRole('button', { name: 'Erase' })).toBeNull();
  await userEvent.click(screen.getByRole('button', { name: 'cy@example.com' }));
  expect(show).toHaveBeenCalledWith('9');
});

it('says beside the field what is no address, and forgets an answer when another one is typed', async () => {
  const errors = [
    { pointer: '/email', detail: 'This is no e-mail address, as in ana@example.com.' },
  ];
  const api = fakeApi({ [ERASE]: () => problem(422, 'invalid', { errors }) });
  renderAt('/admin/leads', <PersonDialog onShowLead={() => {}} onClose={() => {}} />);
  await ask('vi');
  expect(await screen.findByText(/This is no e-mail address/)).toBeVisible();
  api.handlers[ERASE] = () => ({ body: { ...NOTHING, leads: 1 } });
  await ask('vi@example.com');
  await screen.findByText('1 lead');
  await userEvent.type(screen.getByLabelText('Their e-mail address'), '.au');
  expect(screen.queryByText('1 lead')).toBeNull();
});
