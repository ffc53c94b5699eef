import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { Route, Routes } from 'react-router';
import { beforeEach, expect, it } from 'vitest';
import type { Page } from '../../api/types';
import { fakeApi, problem } from '../../test/fake-api';
import { renderAt } from '../../test/render-at';
import { EditorView } from './editor-view';
import { fromLocalField, toLocalField } from './page-dates';
import { cut } from './search-result';

const PATH = '/api/v1/admin/pages/p1';
const SAVE = `PUT ${PATH}`;
const SCHEDULE = `PUT ${PATH}/schedule`;
const LINK = `POST ${PATH}/preview-link`;
const ANNOUNCEMENT = `${PATH}/announcement`;
const RESTORE = `POST ${PATH}/revisions/1/restore`;

const PAGE: Page = {
  id: 'p1',
  slug: 'sea/poles',
  title: 'Poles',
  summary: 'Both of them.',
  status: 'draft',
  created_at: '2026-11-01T12:00:00Z',
  updated_at: '2026-11-01T12:00:00Z',
  revision: 2,
  has_draft: false,
  language: null,
  translations: [],
  tags: ['sea'],
  seo: { title: '', description: '', canonical: '', noindex: false },
  body: 'North.',
  html: '',
};

const revision = (number: number, reason: string) => ({
  revision: number,
  reason,
  author: 'Ana',
  saved_at: '2026-11-01T12:00:00Z',
  status: 'draft',
  title: 'Poles',
});

const state = (number: number, body: string) => ({
  ...revision(number, 'edited'),
  slug: PAGE.slug,
  summary: PAGE.summary,
  tags: PAGE.tags,
  seo: PAGE.seo,
  body,
});

let api: ReturnType<typeof fakeApi>;

beforeEach(() => {
  const answer = (to: Partial<Page> = {}) => ({
    body: { ...PAGE, ...to },
    headers: { etag: `"${to.revision ?? PAGE.revision}"` },
  });
  api = fakeApi({
    [`GET ${PATH}`]: () => answer(),
    [SAVE]: call => answer({ ...(call.body as Partial<Page>), revision: 3 }),
    [SCHEDULE]: call => answer({ ...(call.body as Partial<Page>), revision: 3 }),
    [RESTORE]: () => answer({ body: 'Old north.', revision: 3 }),
    [`GET ${PATH}/revisions`]: () => ({
      body: { items: [revision(2, 'edited'), revision(1, 'created')], next_cursor: null },
    }),
    [`GET ${PATH}/revisions/2`]: () => ({ body: state(2, 'North.') }),
    [`GET ${PATH}/revisions/1`]: () => ({ body: state(1, 'Old north.') }),
    'GET /api/v1/site': () => ({
      body: { title: 'Site', description: '', language: 'en', languages: ['de'] },
    }),
    'POST /api/v1/admin/preview': () => ({ body: { html: '<p>preview</p>' } }),
    'POST /api/v1/admin/posts/preview': () => ({ body: [] }),
  });
});

async function open(item: string) {
  renderAt(
    '/admin/pages/p1',
    <Routes>
      <Route path="/admin/pages/:id" element={<EditorView />} />
    </Routes>,
  );
  await screen.findByLabelText('Text');
  await choose(item);
}

async function choose(item: string) {
  await userEvent.click(screen.getByRole('button', { name: 'More actions' }));
  await userEvent.click(await screen.findByRole('menuitem', { name: item }));
}

const press = (name: string) => userEvent.click(screen.getByRole('button', { name }));

it('shows how search engines see the page, and saves tags with the text as it is', async () => {
  await open('Tags and search engines');
  const result = within(screen.getByRole('figure'));
  expect(result.getByText('Poles')).toBeVisible();
  expect(result.getByText(/› sea › poles/)).toBeVisible();
  await userEvent.type(screen.getByLabelText('Title for search engines'), 'North and south');
  expect(result.getByText('North and south')).toBeVisible();
  await userEvent.type(screen.getByLabelText('Tags'), ', wind,');
  await userEvent.click(screen.getByRole('checkbox'));
  expect(result.getByText(/asked to leave it out/)).toBeVisible();
  const dialog = within(screen.getByRole('dialog'));
  await userEvent.click(dialog.getByRole('button', { name: 'Save' }));
  await expect.poll(() => screen.queryByRole('dialog')).toBeNull();
  expect(api.made(SAVE)[0]?.headers.get('if-match')).toBe('"2"');
  expect(api.made(SAVE)[0]?.body).toMatchObject({
    body: 'North.',
    tags: ['sea', 'wind'],
    seo: { title: 'North and south', noindex: true },
  });
});

it('says beside the field what the server refuses of it', async () => {
  const errors = [{ pointer: '/seo/canonical', detail: 'With http or https.' }];
  api.handlers[SAVE] = () => problem(422, 'invalid', { errors });
  await open('Tags and search engines');
  await userEvent.type(screen.getByLabelText('Address of the original'), 'ftp://x');
  const dialog = within(screen.getByRole('dialog'));
  await userEvent.click(dialog.getByRole('button', { name: 'Save' }));
  expect(await screen.findByText('With http or https.')).toBeVisible();
});

it('keeps what was typed in it when somebody else was faster, and saves it on top of theirs', async () => {
  const save = api.handlers[SAVE];
  api.handlers[SAVE] = call =>
    save && call.headers.get('if-match') === '"7"'
      ? save(call)
      : problem(412, 'precondition-failed');
  await open('Tags and search engines');
  await userEvent.type(screen.getByLabelText('Tags'), ', wind');
  const saveButton = within(screen.getByRole('dialog')).getByRole('button', { name: 'Save' });
  await userEvent.click(saveButton);
  await screen.findByRole('alertdialog');
  const theirs = { ...PAGE, body: 'Theirs.', revision: 7 };
  api.handlers[`GET ${PATH}`] = () => ({ body: theirs, headers: { etag: '"7"' } });
  await userEvent.click(screen.getByRole('button', { name: 'Load theirs' }));
  await expect.poll(() => screen.queryByRole('alertdialog')).toBeNull();
  await userEvent.click(saveButton);
  await expect.poll(() => screen.queryByRole('dialog')).toBeNull();
  expect(api.made(SAVE)[1]?.body).toMatchObject({ body: 'Theirs.', tags: ['sea', 'wind'] });
});

it('schedules, says so in the bar, and leaves what was typed alone', async () => {
  await open('Schedule');
  const field = screen.getByLabelText('Publish');
  await userEvent.type(field, '2030-05-01T09:30');
  await press('Save the schedule');
  await expect.poll(() => screen.queryByRole('dialog')).toBeNull();
  const at = new Date('2030-05-01T09:30').toISOString().replace('.000Z', 'Z');
  expect(api.made(SCHEDULE)[0]?.body).toEqual({ publish_at: at, unpublish_at: null });
  expect(screen.getByText(/Goes public/)).toBeVisible();
  expect(screen.getByLabelText('Text')).toHaveValue('North.');
});

it('takes half a moment for no moment at all', async () => {
  await open('Schedule');
  const field = screen.getByLabelText('Publish');
  // As the browser reads a date without its time.
  Object.defineProperty(field, 'validity', { value: { badInput: true }, configurable: true });
  await press('Save the schedule');
  expect(await screen.findByText('Type the date and the time.')).toBeVisible();
  expect(field).toHaveFocus();
  expect(api.made(SCHEDULE)).toHaveLength(0);
});

it('moves no moment that was left alone', async () => {
  const publish_at = '2030-05-01T07:30:45Z';
  api.handlers[`GET ${PATH}`] = () => ({
    body: { ...PAGE, publish_at },
    headers: { etag: '"2"' },
  });
  await open('Schedule');
  await userEvent.type(screen.getByLabelText('Unpublish'), '2031-05-01T09:30');
  await press('Save the schedule');
  await expect.poll(() => api.made(SCHEDULE)).toHaveLength(1);
  expect(api.made(SCHEDULE)[0]?.body).toMatchObject({ publish_at });
});

it('shows what a revision changed word by word, and brings an earlier one back', async () => {
  await open('Revisions');
  const changed = await screen.findByRole('region', { name: 'What changed' });
  await expect.poll(() => changed.querySelector('del')?.textContent).toBe('Old north');
  expect(changed.querySelector('ins')?.textContent).toBe('North');
  expect(screen.queryByRole('button', { name: 'Bring this one back' })).toBeNull();
  await userEvent.click(screen.getByRole('button', { name: /^Created/ }));
  await screen.findByText('/sea/poles');
  await userEvent.click(screen.getByRole('radio', { name: 'With the present one' }));
  await expect.poll(() => document.querySelector('ins')?.textContent).toBe('North');
  await press('Bring this one back');
  await expect.poll(() => screen.queryByRole('dialog')).toBeNull();
  expect(api.made(RESTORE)[0]?.headers.get('if-match')).toBe('"2"');
  expect(screen.getByLabelText('Text')).toHaveValue('Old north.');
});

it('brings nothing back over text that was not saved', async () => {
  await open('Revisions');
  await userEvent.click(await screen.findByRole('button', { name: 'Close' }));
  await userEvent.type(screen.getByLabelText('Text'), ' New.');
  await choose('Revisions');
  await userEvent.click(await screen.findByRole('button', { name: /^Created/ }));
  expect(screen.getByRole('button', { name: 'Bring this one back' })).toBeDisabled();
});

it('leads nowhere from text that was not saved', async () => {
  await open('Languages');
  const write = { name: /^Write it in/ };
  expect(screen.getByRole('button', write)).toBeEnabled();
  expect(screen.getByRole('searchbox')).toBeVisible();
  await press('Close');
  // It is not saved by itself either.
  delete api.handlers[SAVE];
  await userEvent.type(screen.getByLabelText('Text'), ' New.');
  await choose('Languages');
  expect(await screen.findByRole('button', write)).toBeDisabled();
  expect(screen.queryByRole('searchbox')).toBeNull();
});

it('makes a link to a preview, and another one for another time', async () => {
  const until = '2030-05-08T12:00:00Z';
  api.handlers[LINK] = () => ({ body: { url: 'https://example.com/preview#p1.7', until } });
  await open('Link to a preview');
  const dialog = within(screen.getByRole('dialog'));
  await userEvent.click(dialog.getByRole('radio', { name: '1 day' }));
  await press('Make the link');
  expect(await screen.findByText('https://example.com/preview#p1.7')).toBeVisible();
  expect(screen.getByText(/It ends on 8 May 2030/)).toBeVisible();
  await userEvent.click(dialog.getByRole('radio', { name: '1 hour' }));
  expect(screen.queryByText('https://example.com/preview#p1.7')).toBeNull();
  await press('Make the link');
  await expect
    .poll(() => api.made(LINK).map(call => call.body))
    .toEqual([{ hours: 24 }, { hours: 1 }]);
});

it('announces the page for when it is published, and takes that back', async () => {
  let kept: unknown = null;
  api.handlers[`GET ${ANNOUNCEMENT}`] = () => ({ body: kept });
  api.handlers[`PUT ${ANNOUNCEMENT}`] = call => {
    kept = call.body;
    return { status: 204 };
  };
  api.handlers[`DELETE ${ANNOUNCEMENT}`] = () => ({ status: 204 });
  await open('Announce');
  const save = await screen.findByRole('button', { name: 'Post it when published' });
  expect(save).toBeDisabled();
  expect(screen.queryByRole('button', { name: 'Take it back' })).toBeNull();
  const dialog = within(screen.getByRole('dialog'));
  await userEvent.click(dialog.getByLabelText('X'));
  await userEvent.type(dialog.getByLabelText('Text'), 'Both poles.');
  await expect
    .poll(() => api.made('POST /api/v1/admin/posts/preview').at(-1)?.body)
    .toMatchObject({ text: 'Both poles.', link: `${location.origin}/sea/poles` });
  await userEvent.click(save);
  await expect.poll(() => screen.queryByRole('dialog')).toBeNull();
  expect(kept).toEqual({ networks: ['mastodon', 'x'], text: 'Both poles.' });
  await choose('Announce');
  const again = within(await screen.findByRole('dialog'));
  await expect.poll(() => again.queryByLabelText('Text')).toHaveValue('Both poles.');
  await userEvent.click(again.getByRole('button', { name: 'Take it back' }));
  await expect.poll(() => api.made(`DELETE ${ANNOUNCEMENT}`)).toHaveLength(1);
});

it('says what a network does not take of an announcement', async () => {
  api.handlers[`GET ${ANNOUNCEMENT}`] = () => ({ body: { networks: ['x'], text: 'Long.' } });
  const errors = [{ pointer: '/text', detail: 'A post says something.' }];
  api.handlers[`PUT ${ANNOUNCEMENT}`] = () => problem(422, 'invalid', { errors });
  await open('Announce');
  await userEvent.click(await screen.findByRole('button', { name: 'Post it when published' }));
  expect(await screen.findByText('A post says something.')).toBeVisible();
  expect(screen.getByRole('dialog')).toBeVisible();
});

it('reads a moment back as it was typed', () => {
  expect(toLocalField(fromLocalField('2030-05-01T09:30'))).toBe('2030-05-01T09:30');
  expect([toLocalField(null), fromLocalField('')]).toEqual(['', null]);
});

it('cuts between words, and what has none in the middle', () => {
  expect([cut('short', 10), cut('one two three', 9), cut('a'.repeat(20), 10)]).toEqual([
    'short',
    'one two …',
    `${'a'.repeat(9)} …`,
  ]);
});
