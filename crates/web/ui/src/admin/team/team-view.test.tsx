import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it } from 'vitest';
import { fakeApi, problem } from '../../test/fake-api';
import { renderAt } from '../../test/render-at';
import { TeamView } from './team-view';

const LIST = 'GET /api/v1/admin/accounts';
const ONE = 'GET /api/v1/admin/accounts/2';
const CHANGE = 'PUT /api/v1/admin/accounts/2';
const DELETE = 'DELETE /api/v1/admin/accounts/2';
const FACTOR = 'DELETE /api/v1/admin/accounts/2/second-factor';
const SESSIONS = 'DELETE /api/v1/admin/accounts/2/sessions';
const INVITE = 'POST /api/v1/admin/accounts';
const ANA = {
  id: '1',
  email: 'ana@example.com',
  name: 'Ana',
  role: 'admin',
  state: 'active',
  second_factor: true,
  authenticator_app: true,
  passkey_count: 0,
  created_at: '2026-11-01T12:00:00Z',
  signed_in_at: null,
  revision: 4,
};
const BO = { ...ANA, id: '2', email: 'bo@example.com', name: 'Bo', role: 'viewer', revision: 7 };
const SESSION = {
  id: 's1',
  created_at: '2026-11-01T12:00:00Z',
  seen_at: '2026-11-01T12:00:00Z',
  expires_at: '2026-12-01T12:00:00Z',
  address: '203.0.113.9',
  agent: 'Lynx',
  current: false,
};
const BO_WHOLE = { ...BO, sessions: [SESSION], passkeys: [], tokens: [] };

function server() {
  return fakeApi({
    'GET /api/v1/auth/me': () => ({ body: ANA }),
    [LIST]: () => ({ body: [ANA, BO] }),
    'GET /api/v1/admin/accounts/1': () => ({
      body: { ...ANA, sessions: [SESSION], passkeys: [], tokens: [] },
    }),
    [ONE]: () => ({ body: BO_WHOLE }),
  });
}

async function open(name: string) {
  renderAt('/admin/team', <TeamView />);
  await userEvent.click(await screen.findByRole('button', { name }));
  const panel = within(await screen.findByRole('dialog', { name }));
  await panel.findByLabelText('Name');
  return panel;
}

it('changes name, address and role, with what was seen', async () => {
  const api = server();
  api.handlers[CHANGE] = ({ body }) => ({ body: { ...BO, ...(body as object), revision: 8 } });
  const panel = await open('Bo');
  expect(panel.getByRole('button', { name: 'Save' })).toBeDisabled();
  await userEvent.clear(panel.getByLabelText('Name'));
  await userEvent.type(panel.getByLabelText('Name'), 'Bodil');
  await userEvent.selectOptions(panel.getByLabelText('Role'), 'editor');
  await userEvent.click(panel.getByRole('button', { name: 'Save' }));
  await expect.poll(() => api.made(CHANGE)).toHaveLength(1);
  expect(api.made(CHANGE)[0]?.body).toEqual({
    email: 'bo@example.com',
    name: 'Bodil',
    role: 'editor',
    disabled: false,
  });
  expect(api.made(CHANGE)[0]?.headers.get('if-match')).toBe('"7"');
});

it('keeps what was typed when somebody else was faster, and shows the rest as it is now', async () => {
  const api = server();
  const panel = await open('Bo');
  api.handlers[CHANGE] = () => problem(412, 'precondition-failed');
  api.handlers[ONE] = () => ({
    body: { ...BO_WHOLE, email: 'bodil@example.com', revision: 8 },
  });
  await userEvent.type(panel.getByLabelText('Name'), 'dil');
  await userEvent.click(panel.getByRole('button', { name: 'Save' }));
  expect(await panel.findByRole('alert')).toHaveTextContent('Someone else changed this');
  await expect.poll(() => panel.getByLabelText('E-mail')).toHaveValue('bodil@example.com');
  expect(panel.getByLabelText('Name')).toHaveValue('Bodil');
  api.handlers[CHANGE] = ({ body }) => ({ body: { ...BO, ...(body as object), revision: 9 } });
  await userEvent.click(panel.getByRole('button', { name: 'Save' }));
  await expect.poll(() => api.made(CHANGE)[1]?.headers.get('if-match')).toBe('"8"');
});

it('says beside the field that an address is taken', async () => {
  const api = server();
  const detail = 'There is an account for ana@example.com already.';
  api.handlers[CHANGE] = () => problem(422, 'invalid', { errors: [{ pointer: '/email', detail }] });
  const panel = await open('Bo');
  await userEvent.clear(panel.getByLabelText('E-mail'));
  await userEvent.type(panel.getByLabelText('E-mail'), 'ana@example.com');
  await userEvent.click(panel.getByRole('button', { name: 'Save' }));
  expect(await panel.findByText(detail)).toBeVisible();
});

it('turns two-step sign-in off, and asks before', async () => {
  const api = server();
  api.handlers[FACTOR] = () => {
    api.handlers[ONE] = () => ({ body: { ...BO_WHOLE, authenticator_app: false } });
    return { status: 204 };
  };
  const panel = await open('Bo');
  await userEvent.click(panel.getByRole('button', { name: 'Turn it off' }));
  const dialog = within(
    await screen.findByRole('alertdialog', { name: 'Turn off the authenticator app of Bo?' }),
  );
  expect(api.made(FACTOR)).toEqual([]);
  await userEvent.click(dialog.getByRole('button', { name: 'Turn it off' }));
  expect(await panel.findByText('There is no authenticator app.')).toBeVisible();
});

it('ends the sessions that it shows', async () => {
  const api = server();
  api.handlers[SESSIONS] = () => {
    api.handlers[ONE] = () => ({ body: { ...BO_WHOLE, sessions: [] } });
    return { status: 204 };
  };
  const panel = await open('Bo');
  expect(panel.getByText('Lynx')).toBeVisible();
  await userEvent.click(panel.getByRole('button', { name: 'End all sessions' }));
  await expect.poll(() => panel.queryByText('Lynx')).toBeNull();
});

it('deletes an account with what was seen, and says why it does not', async () => {
  const api = server();
  const detail = 'This is the last account that can administer the site.';
  api.handlers[DELETE] = () => problem(409, 'last-admin', { detail });
  const panel = await open('Bo');
  await userEvent.click(panel.getByRole('button', { name: 'Delete' }));
  const dialog = within(await screen.findByRole('alertdialog'));
  await userEvent.click(dialog.getByRole('button', { name: 'Delete' }));
  expect(await dialog.findByText(detail)).toBeVisible();
  api.handlers[DELETE] = () => {
    api.handlers[LIST] = () => ({ body: [ANA] });
    return { status: 204 };
  };
  await userEvent.click(dialog.getByRole('button', { name: 'Delete' }));
  await expect.poll(() => screen.queryByRole('button', { name: 'Bo' })).toBeNull();
  expect(screen.queryByRole('dialog')).toBeNull();
  expect(api.made(DELETE)[0]?.headers.get('if-match')).toBe('"7"');
});

it('takes nobody the own account', async () => {
  server();
  const panel = await open('Ana');
  expect(panel.getByRole('link', { name: 'Your account' })).toBeVisible();
  const buttons = panel.getAllByRole('button').map(button => button.textContent);
  expect(buttons.filter(Boolean)).toEqual(['Save']);
});

it('invites somebody, and says beside the field what the server refuses', async () => {
  const api = server();
  const errors = [{ pointer: '/email', detail: 'There is an account already.' }];
  api.handlers[INVITE] = () => problem(422, 'invalid', { errors });
  renderAt('/admin/team', <TeamView />);
  await userEvent.click(await screen.findByRole('button', { name: 'Invite somebody' }));
  await userEvent.type(screen.getByLabelText('Name'), 'Cy');
  await userEvent.type(screen.getByLabelText('E-mail'), 'cy@example.com');
  await userEvent.click(screen.getByRole('button', { name: 'Invite' }));
  expect(await screen.findByText('There is an account already.')).toBeVisible();
  api.handlers[INVITE] = () => ({ status: 201, body: ANA });
  await userEvent.click(screen.getByRole('button', { name: 'Invite' }));
  await expect.poll(() => screen.queryByRole('dialog')).toBeNull();
  expect(api.made(INVITE)[1]?.body).toEqual({
    email: 'cy@example.com',
    name: 'Cy',
    role: 'editor',
  });
});
