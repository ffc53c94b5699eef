import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it } from 'vitest';
import { fakeApi, problem } from '../../test/fake-api';
import { renderAt } from '../../test/render-at';
import { TrashView } from './trash-view';

const LIST = 'GET /api/v1/admin/trash';
const RESTORE = 'POST /api/v1/admin/trash/1/restore';
const PURGE = 'DELETE /api/v1/admin/trash/1';
const PAGE = {
  id: '1',
  title: 'About us',
  slug: 'about-us',
  deleted_at: '2026-11-01T12:00:00Z',
  gone_at: '2026-12-01T12:00:00Z',
  revision: 3,
};

/** The trash with one page, until something is done to it. */
async function show() {
  const server = fakeApi({
    'GET /api/v1/auth/me': () => ({ body: { id: 'a', role: 'editor' } }),
    [LIST]: () => ({ body: { items: [PAGE], next_cursor: null } }),
  });
  const empty = () => {
    server.handlers[LIST] = () => ({ body: { items: [], next_cursor: null } });
  };
  const taken = problem(422, 'invalid', {
    errors: [{ pointer: '/slug', detail: 'This address is taken by another page.' }],
  });
  server.handlers[RESTORE] = ({ body }) => {
    if (isTaken && !(body as { slug?: string }).slug) return taken;
    empty();
    return { body: {} };
  };
  server.handlers[PURGE] = () => {
    empty();
    return { status: 204 };
  };
  let isTaken = false;
  renderAt('/admin/trash', <TrashView />);
  await screen.findByText(/gone for good on 1 December 2026/);
  return {
    ...server,
    take: () => {
      isTaken = true;
    },
  };
}

const press = async (name: string) => userEvent.click(await screen.findByRole('button', { name }));

it('brings a page back', async () => {
  const server = await show();
  await press('Bring back');
  expect(await screen.findByText('The trash is empty')).toBeVisible();
  expect(server.made(RESTORE)[0]?.body).toEqual({});
});

it('asks for another address where another page has the old one', async () => {
  const server = await show();
  server.take();
  await press('Bring back');
  const dialog = within(await screen.findByRole('dialog', { name: 'Bring “About us” back' }));
  const address = dialog.getByLabelText('Another address');
  expect(address).toHaveValue('about-us');
  expect(address).toHaveAccessibleDescription('This address is taken by another page.');
  expect(dialog.getByRole('button', { name: 'Bring back' })).toBeDisabled();
  await userEvent.type(address, '-before');
  expect(address).toBeValid();
  await userEvent.click(dialog.getByRole('button', { name: 'Bring back' }));
  expect(await screen.findByText('The trash is empty')).toBeVisible();
  expect(screen.queryByRole('dialog')).toBeNull();
  expect(server.made(RESTORE)[1]?.body).toEqual({ slug: 'about-us-before' });
});

it('deletes a page for good, and asks before', async () => {
  const server = await show();
  await press('Delete for good');
  const dialog = within(await screen.findByRole('alertdialog'));
  expect(server.made(PURGE)).toEqual([]);
  await userEvent.click(dialog.getByRole('button', { name: 'Delete for good' }));
  expect(await screen.findByText('The trash is empty')).toBeVisible();
  expect(server.made(PURGE)[0]?.headers.get('if-match')).toBe('"3"');
});
