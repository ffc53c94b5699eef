import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it } from 'vitest';
import { fakeApi, problem } from '../../test/fake-api';
import { renderAt } from '../../test/render-at';
import { LeadsView } from './leads-view';

const LIST = 'GET /api/v1/admin/leads';
const ONE = 'GET /api/v1/admin/leads/1';
const SAVE = 'PUT /api/v1/admin/leads/1';
const DELETE = 'DELETE /api/v1/admin/leads/1';
const LEAD = {
  id: '1',
  form_id: 'f',
  form: 'Contact',
  email: 'vi@example.com',
  answers: [{ name: 'text', label: 'Text', value: 'Do you have <b>magnets</b>?' }],
  state: 'new',
  note: '',
  revision: 3,
  created_at: '2026-11-01T12:00:00Z',
  expires_at: '2026-12-01T12:00:00Z',
};

async function open() {
  renderAt('/admin/leads', <LeadsView />);
  await userEvent.click(await screen.findByRole('button', { name: 'vi@example.com' }));
  return screen.findByRole('dialog', { name: 'vi@example.com' });
}

it('shows what was sent as text, and notes where it stands', async () => {
  const server = fakeApi({
    [LIST]: () => ({ body: { items: [LEAD], next_cursor: null } }),
    [ONE]: () => ({ body: LEAD }),
    [SAVE]: () => ({ body: { ...LEAD, state: 'done' } }),
  });
  const dialog = await open();
  expect(dialog).toHaveTextContent('Do you have <b>magnets</b>?');
  expect(within(dialog).getByRole('button', { name: 'Save' })).toBeDisabled();
  await userEvent.click(within(dialog).getByRole('radio', { name: 'Done' }));
  await userEvent.type(within(dialog).getByLabelText('Note for the team'), 'called');
  await userEvent.click(within(dialog).getByRole('button', { name: 'Save' }));
  await expect.poll(() => screen.queryByRole('dialog')).toBeNull();
  const saved = server.made(SAVE)[0];
  expect(saved?.body).toEqual({ state: 'done', note: 'called' });
  expect(saved?.headers.get('if-match')).toBe('"3"');
});

it('keeps the note when somebody else was faster', async () => {
  fakeApi({
    [LIST]: () => ({ body: { items: [LEAD], next_cursor: null } }),
    [ONE]: () => ({ body: LEAD }),
    [SAVE]: () => problem(412, 'precondition-failed'),
  });
  const dialog = await open();
  await userEvent.type(within(dialog).getByLabelText('Note for the team'), 'called');
  await userEvent.click(within(dialog).getByRole('button', { name: 'Save' }));
  expect(await within(dialog).findByRole('alert')).toBeVisible();
  expect(within(dialog).getByLabelText('Note for the team')).toHaveValue('called');
});

it('deletes a lead for administrators, and asks before', async () => {
  const server = fakeApi({
    'GET /api/v1/auth/me': () => ({ body: { id: 'a', role: 'admin' } }),
    [LIST]: () => ({ body: { items: [LEAD], next_cursor: null } }),
    [ONE]: () => ({ body: LEAD }),
    [DELETE]: () => {
      server.handlers[LIST] = () => ({ body: { items: [], next_cursor: null } });
      return { status: 204 };
    },
  });
  const lead = within(await open());
  await userEvent.click(await lead.findByRole('button', { name: 'Delete' }));
  const asked = within(await screen.findByRole('alertdialog'));
  expect(server.made(DELETE)).toEqual([]);
  await userEvent.click(asked.getByRole('button', { name: 'Delete' }));
  expect(await screen.findByText('No leads yet')).toBeVisible();
  expect(screen.queryByRole('dialog')).toBeNull();
});

it('offers editors neither to delete a lead nor what is held about somebody', async () => {
  fakeApi({
    'GET /api/v1/auth/me': () => ({ body: { id: 'b', role: 'editor' } }),
    [LIST]: () => ({ body: { items: [LEAD], next_cursor: null } }),
    [ONE]: () => ({ body: LEAD }),
  });
  const lead = within(await open());
  await lead.findByRole('button', { name: 'Save' });
  expect(lead.queryByRole('button', { name: 'Delete' })).toBeNull();
  expect(screen.queryByRole('button', { name: /What we hold/, hidden: true })).toBeNull();
});
