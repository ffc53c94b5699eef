import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { Link, Route, Routes } from 'react-router';
import { afterEach, expect, it } from 'vitest';
import type { Menu, MenuFields, Role } from '../../api/types';
import { dismissToasts } from '../../test/dismiss-toasts';
import { fakeApi, problem } from '../../test/fake-api';
import { renderAt } from '../../test/render-at';
import { Toasts } from '../../ui/toast';
import { chooseLanguage } from '../words/words';
import { MenuEditorView } from './menu-editor-view';

const READ = 'GET /api/v1/admin/menus/m1';
const SAVE = 'PUT /api/v1/admin/menus/m1';

const heading = (label: string, ...items: Menu['items']): Menu['items'][number] => ({
  label,
  page: null,
  url: null,
  items,
});

const MENU: Menu = {
  id: 'm1',
  name: 'main',
  language: null,
  items: [heading('North', heading('Arctic')), heading('South'), heading('East')],
  pages: [],
  created_at: '2026-11-01T12:00:00Z',
  revision: 1,
  updated_at: '2026-11-01T12:00:00Z',
};

/** A server with one menu that other people may change, too. */
function server(role: Role) {
  let menu = MENU;
  const change = (to: Partial<Menu>) => {
    menu = { ...menu, ...to, revision: menu.revision + 1 };
  };
  const api = fakeApi({
    'GET /api/v1/auth/me': () => ({
      body: { id: 'a', name: 'Ada', email: 'ada@example.com', role },
    }),
    'GET /api/v1/site': () => ({
      body: { title: 'Site', description: '', language: 'en', languages: ['de'] },
    }),
    [READ]: () => ({ body: menu }),
    [SAVE]: call => {
      if (call.headers.get('if-match') !== `"${menu.revision}"`) {
        return problem(412, 'precondition-failed');
      }
      change(call.body as MenuFields);
      return { body: menu };
    },
  });
  return { ...api, change };
}

async function open(role: Role = 'editor') {
  const api = server(role);
  renderAt(
    '/admin/menus/m1',
    <>
      <Routes>
        <Route path="/admin/menus/:id" element={<MenuEditorView />} />
        <Route path="*" element={<Link to="/admin/menus/m1">Back to it</Link>} />
      </Routes>
      <Link to="/elsewhere">Leave</Link>
      <Toasts />
    </>,
  );
  await screen.findByText('North');
  return api;
}

afterEach(async () => {
  dismissToasts();
  await chooseLanguage('en');
});

const press = async (name: string) => userEvent.click(await screen.findByRole('button', { name }));
const name = () => screen.getByLabelText('Name');

it('begins with what the server has by now, not with what was seen before', async () => {
  const api = await open();
  await userEvent.click(screen.getByRole('link', { name: 'Leave' }));
  api.change({ items: [heading('Theirs')] });
  await userEvent.click(screen.getByRole('link', { name: 'Back to it' }));
  expect(await screen.findByText('Theirs')).toBeVisible();
  expect(screen.queryByText('North')).toBeNull();
});

it('brings a line back with all below it, and leaves what was done since', async () => {
  const api = await open();
  await press('Remove: North');
  await press('Remove: East');
  await userEvent.type(name(), ' menu');
  const [north] = screen.getAllByRole('button', { name: 'Undo' });
  await userEvent.click(north as HTMLElement);
  await press('Save');
  await expect.poll(() => api.made(SAVE)).toHaveLength(1);
  expect(api.made(SAVE)[0]?.body).toEqual({
    name: 'main menu',
    language: null,
    items: [heading('North', heading('Arctic')), heading('South')],
  });
});

it('shows a menu to those who may only look, and nothing to change it with', async () => {
  await open('viewer');
  const lines = await screen.findByRole('list', { name: 'Lines' });
  expect(
    within(lines)
      .getAllByRole('listitem')
      .map(line => line.textContent),
  ).toEqual([
    expect.stringContaining('North'),
    expect.stringContaining('Arctic'),
    expect.stringContaining('South'),
    expect.stringContaining('East'),
  ]);
  expect(screen.queryAllByRole('textbox')).toEqual([]);
  expect(screen.queryAllByRole('button')).toEqual([]);
});

it('says in the language of the page what the server refuses', async () => {
  const api = await open();
  await chooseLanguage('de');
  const detail = 'There is a menu of this name in this language already.';
  api.handlers[SAVE] = () => problem(422, 'invalid', { errors: [{ pointer: '/name', detail }] });
  await userEvent.type(name(), '!');
  await press('Speichern');
  expect(
    await screen.findByText('Ein Menü mit diesem Namen gibt es in dieser Sprache schon.'),
  ).toBeVisible();
});

it.each(['Take theirs', 'Save mine over it'])('says that “%s” did not work', async choice => {
  const api = await open();
  api.change({ name: 'theirs' });
  await userEvent.type(name(), '!');
  await press('Save');
  await screen.findByText('Somebody else changed this menu');
  delete api.handlers[READ];
  await press(choice);
  expect(await screen.findByText(/cannot be reached/)).toBeVisible();
  expect(name()).toHaveValue('main!');
  expect(screen.getByText('Somebody else changed this menu')).toBeVisible();
});
