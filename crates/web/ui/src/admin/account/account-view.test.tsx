import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it } from 'vitest';
import { fakeApi, problem } from '../../test/fake-api';
import { renderAt } from '../../test/render-at';
import { AccountView } from './account-view';

const ME = {
  id: '1',
  email: 'ana@example.com',
  name: 'Ana',
  role: 'editor',
  state: 'active',
  second_factor: false,
  authenticator_app: false,
  passkey_count: 0,
  created_at: '2026-11-01T12:00:00Z',
  revision: 1,
};
const SESSION = {
  id: 's1',
  created_at: '2026-11-01T12:00:00Z',
  seen_at: '2026-11-01T12:00:00Z',
  expires_at: '2026-12-01T12:00:00Z',
  address: '203.0.113.9',
  agent: 'Firefox',
  current: true,
};
const NAME = 'PUT /api/v1/auth/me';
const PASSWORD = 'PUT /api/v1/auth/password';
const FACTOR = 'POST /api/v1/auth/second-factor';
const TOKEN = 'POST /api/v1/auth/tokens';
const END = 'DELETE /api/v1/auth/sessions/s2';

async function show(handlers: Parameters<typeof fakeApi>[0]) {
  const phone = { ...SESSION, id: 's2', agent: 'Phone', current: false };
  const server = fakeApi({
    'GET /api/v1/auth/me': () => ({ body: ME }),
    'GET /api/v1/auth/sessions': () => ({ body: [SESSION, phone] }),
    'GET /api/v1/auth/passkeys': () => ({ body: [] }),
    'GET /api/v1/auth/tokens': () => ({ body: [] }),
    ...handlers,
  });
  renderAt('/admin/account', <AccountView />);
  await screen.findByRole('heading', { name: 'Sessions' });
  return server;
}

const section = (name: string) =>
  within(screen.getByRole('heading', { name }).closest('section') as HTMLElement);

it('changes the own name', async () => {
  const server = await show({ [NAME]: () => ({ body: { ...ME, name: 'Ana Roth' } }) });
  const name = section('Name');
  expect(name.getByText(/ana@example.com/)).toBeVisible();
  expect(name.getByRole('button', { name: 'Change the name' })).toBeDisabled();
  await userEvent.type(name.getByLabelText('Your name'), ' Roth ');
  await userEvent.click(name.getByRole('button', { name: 'Change the name' }));
  await expect.poll(() => name.getByLabelText('Your name')).toHaveValue('Ana Roth');
  expect(server.made(NAME)).toHaveLength(1);
});

it('changes the password, and says beside the field that the current one is wrong', async () => {
  const errors = [{ pointer: '/current_password', detail: 'The password is wrong.' }];
  const server = await show({ [PASSWORD]: () => problem(422, 'invalid', { errors }) });
  const password = section('Password');
  await userEvent.type(password.getByLabelText('Current password'), 'wrong');
  await userEvent.type(password.getByLabelText('New password'), 'violet kettle mountain');
  await userEvent.click(password.getByRole('button', { name: 'Change the password' }));
  expect(await password.findByText('The password is wrong.')).toBeVisible();
  server.handlers[PASSWORD] = () => ({ status: 204 });
  await userEvent.click(password.getByRole('button', { name: 'Change the password' }));
  await expect.poll(() => password.getByLabelText('New password')).toHaveValue('');
});

it('turns two-step sign-in on, and shows the recovery codes', async () => {
  const server = await show({
    [FACTOR]: () => ({ body: { secret: 'JBSWY3DP', url: 'otpauth://x', picture: '<svg/>' } }),
    [`${FACTOR}/confirm`]: () => ({ body: { recovery_codes: ['aaaaa-bbbbb'] } }),
  });
  const factor = section('Two-step sign-in');
  await userEvent.type(factor.getByLabelText('Your password'), 'secret');
  await userEvent.click(factor.getByRole('button', { name: 'Set it up' }));
  expect(await factor.findByText('JBSWY3DP')).toBeVisible();
  await userEvent.type(factor.getByLabelText('Code'), '123456');
  await userEvent.click(factor.getByRole('button', { name: 'Turn it on' }));
  expect(await factor.findByText('aaaaa-bbbbb')).toBeVisible();
  expect(server.made(`${FACTOR}/confirm`)[0]?.body).toEqual({ code: '123456' });
});

it('gives new recovery codes to who has a passkey alone', async () => {
  const codes = 'POST /api/v1/auth/second-factor/recovery-codes';
  await show({
    'GET /api/v1/auth/me': () => ({ body: { ...ME, second_factor: true, passkey_count: 1 } }),
    [codes]: () => ({ body: { recovery_codes: ['ccccc-ddddd'] } }),
  });
  const factor = section('Two-step sign-in');
  await userEvent.type(factor.getByLabelText('Your password'), 'secret');
  await userEvent.click(factor.getByRole('button', { name: 'New recovery codes' }));
  expect(await factor.findByText('ccccc-ddddd')).toBeVisible();
});

it('ends another session, not this one', async () => {
  const server = await show({ [END]: () => ({ status: 204 }) });
  const sessions = section('Sessions');
  await sessions.findByText('Phone');
  expect(sessions.getAllByRole('button', { name: 'End' })).toHaveLength(1);
  await userEvent.click(sessions.getByRole('button', { name: 'End' }));
  await expect.poll(() => server.made(END)).toHaveLength(1);
});

it('makes a token for no more than the account may do, and shows it once', async () => {
  const server = await show({ [TOKEN]: () => ({ status: 201, body: { secret: 'mgt_abc' } }) });
  const tokens = section('Tokens');
  const roles = within(tokens.getByLabelText('What it may do')).getAllByRole('option');
  expect(roles.map(role => role.textContent)).toEqual(['viewer', 'editor']);
  await userEvent.type(tokens.getByLabelText('What it is for'), 'deploy');
  await userEvent.click(tokens.getByLabelText('media'));
  await userEvent.click(tokens.getByRole('button', { name: 'Make a token' }));
  expect(await tokens.findByText('mgt_abc')).toBeVisible();
  expect(server.made(TOKEN)[0]?.body).toMatchObject({
    name: 'deploy',
    role: 'viewer',
    areas: ['media'],
  });
});
