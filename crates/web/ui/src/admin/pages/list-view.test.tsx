import { fireEvent, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, it } from 'vitest';
import type { PageRow } from '../../api/types';
import { fakeApi, problem } from '../../test/fake-api';
import { renderAt } from '../../test/render-at';
import { Toasts } from '../../ui/toast';
import { ListView } from './list-view';
import { type Deed, wayBack } from './use-bulk';

const BULK = 'POST /api/v1/admin/pages/bulk';

const page = (id: string, to: Partial<PageRow>): PageRow => ({
  id,
  slug: id,
  title: id.toUpperCase(),
  summary: '',
  status: 'draft',
  tags: [],
  created_at: '2026-11-01T12:00:00Z',
  updated_at: '2026-11-01T12:00:00Z',
  revision: 1,
  has_draft: false,
  language: null,
  ...to,
});

const PAGES = [page('a', { status: 'published', tags: ['sea'] }), page('b', {}), page('c', {})];

function server(role: string) {
  return fakeApi({
    'GET /api/v1/auth/me': () => ({ body: { id: '1', name: 'Ana', role } }),
    'GET /api/v1/admin/pages': () => ({ body: { items: PAGES, next_cursor: null } }),
    [BULK]: call => ({
      body: (call.body as { ids: string[] }).ids.map(id => ({ id, problem: null })),
    }),
  });
}

let api: ReturnType<typeof server>;

async function open(role = 'editor') {
  api = server(role);
  renderAt(
    '/admin/pages',
    <>
      <ListView />
      <Toasts />
    </>,
  );
  await screen.findByRole('link', { name: 'A' });
}

const sent = () => api.made(BULK).map(call => call.body);
const press = async (name: string) => userEvent.click(await screen.findByRole('button', { name }));

// A toast lives longer than the view that said it.
afterEach(() => {
  for (const button of screen.queryAllByRole('button', { name: 'Dismiss' }))
    fireEvent.click(button);
});

it('deletes what was chosen at once, and brings it back as it was', async () => {
  await open();
  await userEvent.click(await screen.findByLabelText('Choose “A”'));
  await userEvent.click(screen.getByLabelText('Choose “C”'));
  expect(screen.getByText('2 pages chosen')).toBeVisible();
  await press('Delete');
  expect(await screen.findByText('2 pages are in the trash.')).toBeVisible();
  expect(screen.queryByRole('region', { name: 'Chosen pages' })).toBeNull();
  await press('Undo');
  await expect.poll(sent).toEqual([
    { action: 'delete', ids: ['a', 'c'] },
    { action: 'undelete', ids: ['a', 'c'] },
    { action: 'publish', ids: ['a'] },
  ]);
});

it('tags with the keyboard, and takes a tag away', async () => {
  await open();
  (await screen.findByLabelText('Choose all pages')).focus();
  await userEvent.keyboard(' ');
  await press('Tag');
  await userEvent.keyboard('a,b{Enter}');
  expect(screen.getByLabelText('New tag')).toBeInvalid();
  await userEvent.clear(screen.getByLabelText('New tag'));
  await userEvent.keyboard('Wind{Enter}');
  await expect.poll(sent).toEqual([{ action: 'add-tag', ids: ['a', 'b', 'c'], tag: 'Wind' }]);
  await userEvent.click(await screen.findByLabelText('Choose “A”'));
  await press('Tag');
  await press('Take away the tag sea');
  await expect.poll(() => sent()[1]).toEqual({ action: 'remove-tag', ids: ['a'], tag: 'sea' });
});

it('says what could not be done, and undoes only the rest', async () => {
  await open();
  api.handlers[BULK] = () => ({
    body: [
      { id: 'b', problem: 'This page does not exist.' },
      { id: 'c', problem: null },
    ],
  });
  await userEvent.click(await screen.findByLabelText('Choose “B”'));
  await userEvent.click(screen.getByLabelText('Choose “C”'));
  await press('Publish');
  expect(await screen.findByText(/1 page left as before\. This page does not/)).toBeVisible();
  await press('Undo');
  await expect.poll(() => sent()[1]).toEqual({ action: 'unpublish', ids: ['c'] });
});

it('keeps what was chosen when the server refuses', async () => {
  await open();
  api.handlers[BULK] = () => problem(503, 'busy');
  await userEvent.click(await screen.findByLabelText('Choose “B”'));
  await press('Publish');
  expect(await screen.findByText(/The server had a problem/)).toBeVisible();
  const bar = screen.getByRole('region', { name: 'Chosen pages' });
  expect(within(bar).getByText('1 page chosen')).toBeVisible();
});

it('offers none of it to those who only read', async () => {
  await open('viewer');
  expect(screen.queryByRole('checkbox')).toBeNull();
});

it('narrows by status, tag, language and missing translations, and keeps that in the address', async () => {
  api = server('viewer');
  api.handlers['GET /api/v1/site'] = () => ({
    body: { title: 'Site', description: '', language: 'en', languages: ['de'] },
  });
  api.handlers['GET /api/v1/admin/tags'] = () => ({
    body: [{ tag: 'sea', pages: 1, published: 1 }],
  });
  renderAt('/admin/pages?missing=fr', <ListView />);
  expect(await screen.findByLabelText('Translations')).toHaveDisplayValue('Missing in French');
  await userEvent.selectOptions(await screen.findByLabelText('Tag'), 'sea');
  await userEvent.selectOptions(await screen.findByLabelText('Language'), 'German');
  await userEvent.selectOptions(screen.getByLabelText('Translations'), 'All translations');
  await userEvent.click(screen.getByRole('radio', { name: 'Changed' }));
  expect(location.search).toBe('?tag=sea&language=de&status=changed');
  await expect
    .poll(() =>
      Object.fromEntries(api.made('GET /api/v1/admin/pages').at(-1)?.url.searchParams ?? []),
    )
    .toEqual({ limit: '30', has_draft: 'true', tag: 'sea', language: 'de' });
});

it('asks for nothing that the site does not have', async () => {
  await open();
  expect(screen.queryByLabelText('Language')).toBeNull();
  expect(screen.queryByLabelText('Tag')).toBeNull();
});

it.each<[Deed['action'], ReturnType<typeof wayBack>]>([
  ['publish', [{ action: 'unpublish', ids: ['b', 'c'] }]],
  ['unpublish', [{ action: 'publish', ids: ['a'] }]],
  ['add-tag', [{ action: 'remove-tag', tag: 'Sea ', ids: ['b', 'c'] }]],
  ['remove-tag', [{ action: 'add-tag', tag: 'Sea ', ids: ['a'] }]],
  ['undelete', [{ action: 'delete', ids: ['a', 'b', 'c'] }]],
])('undoes %s where it changed something', (action, back) => {
  expect(wayBack({ action, tag: 'Sea ' }, PAGES)).toEqual(back);
});

it.each<[Deed['action'], ReturnType<typeof wayBack>]>([
  ['publish', []],
  ['unpublish', []],
  ['delete', [{ action: 'undelete', ids: ['d'] }]],
])('does not publish what waits in a draft to undo %s', (action, back) => {
  expect(wayBack({ action }, [page('d', { status: 'published', has_draft: true })])).toEqual(back);
});
