import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it } from 'vitest';
import { fakeApi, problem } from '../../test/fake-api';
import { renderAt } from '../../test/render-at';
import { TeamView } from './team-view';

const CHANGE = 'PUT /api/v1/admin/accounts/1';
const INVITE = 'POST /api/v1/admin/accounts';
const ANA = {
  id: '1',
  email: 'ana@example.com',
  name: 'Ana',
  role: 'admin',
  state: 'active',
  second_factor: true,
  created_at: '2026-11-01T12:00:00Z',
  signed_in_at: null,
  revision: 4,
};

function server() {
  return fakeApi({
    'GET /api/v1/admin/accounts': () => ({ body: [ANA] }),
    [CHANGE]: () => ({ body: ANA }),
    [INVITE]: () => ({ status: 201, body: { ...ANA, id: '2' } }),
  });
}

it('changes a role, with what was seen', async () => {
  const api = server();
  renderAt('/admin/team', <TeamView />);
  await userEvent.click(await screen.findByRole('button', { name: 'Change Ana' }));
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Make editor' }));
  await expect.poll(() => api.made(CHANGE)).toHaveLength(1);
  expect(api.made(CHANGE)[0]?.body).toEqual({
    email: 'ana@example.com',
    name: 'Ana',
    role: 'editor',
    disabled: false,
  });
  expect(api.made(CHANGE)[0]?.headers.get('if-match')).toBe('"4"');
});

it('invites somebody, and says beside the field what the server refuses', async () => {
  const api = server();
  const errors = [{ pointer: '/email', detail: 'There is an account already.' }];
  api.handlers[INVITE] = () => problem(422, 'invalid', { errors });
  renderAt('/admin/team', <TeamView />);
  await userEvent.click(await screen.findByRole('button', { name: 'Invite somebody' }));
  await userEvent.type(screen.getByLabelText('Name'), 'Bo');
  await userEvent.type(screen.getByLabelText('E-mail'), 'bo@example.com');
  await userEvent.click(screen.getByRole('button', { name: 'Invite' }));
  expect(await screen.findByText('There is an account already.')).toBeVisible();
  api.handlers[INVITE] = () => ({ status: 201, body: ANA });
  await userEvent.click(screen.getByRole('button', { name: 'Invite' }));
  await expect.poll(() => screen.queryByRole('dialog')).toBeNull();
  expect(api.made(INVITE)[1]?.body).toEqual({
    email: 'bo@example.com',
    name: 'Bo',
    role: 'editor',
  });
});
