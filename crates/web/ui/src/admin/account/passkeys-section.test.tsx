import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, it, vi } from 'vitest';
import { fakeApi, problem } from '../../test/fake-api';
import { fakeDevice } from '../../test/fake-device';
import { renderAt } from '../../test/render-at';
import { PasskeysSection } from './passkeys-section';

const PHONE = {
  id: 'p1',
  name: 'Phone',
  synced: true,
  created_at: '2026-11-01T12:00:00Z',
  used_at: null,
  used_from: null,
};
const LIST = 'GET /api/v1/auth/passkeys';
const OPTIONS = 'POST /api/v1/auth/passkeys/options';
const KEEP = 'POST /api/v1/auth/passkeys';
const RENAME = 'PUT /api/v1/auth/passkeys/p1';
const REMOVE = 'POST /api/v1/auth/passkeys/p1/remove';

afterEach(() => vi.unstubAllGlobals());

async function add() {
  await userEvent.type(await screen.findByLabelText('What to call it'), 'Phone');
  await userEvent.type(screen.getByLabelText('Your password'), 'secret');
  await userEvent.click(screen.getByRole('button', { name: 'Add a passkey' }));
}

it('adds one, and shows the recovery codes that come with the first', async () => {
  const asked = fakeDevice({ id: 'abc' });
  const server = fakeApi({
    [LIST]: () => ({ body: [] }),
    [OPTIONS]: () => ({ body: { options: { challenge: 'x' } } }),
    [KEEP]: () => ({ status: 201, body: { ...PHONE, recovery_codes: ['aaaaa-bbbbb'] } }),
  });
  renderAt('/admin/account', <PasskeysSection />);
  await add();
  expect(await screen.findByText('aaaaa-bbbbb')).toBeVisible();
  expect(asked).toEqual([{ challenge: 'x' }]);
  expect(server.made(OPTIONS)[0]?.body).toEqual({ password: 'secret' });
  expect(server.made(KEEP)[0]?.body).toEqual({ name: 'Phone', credential: { id: 'abc' } });
  await userEvent.click(screen.getByRole('button', { name: 'I kept them' }));
  expect(screen.queryByText('aaaaa-bbbbb')).toBeNull();
});

it('says what the device said, and what the server said beside its field', async () => {
  fakeDevice(new DOMException('', 'InvalidStateError'));
  const server = fakeApi({
    [LIST]: () => ({ body: [] }),
    [OPTIONS]: () => ({ body: { options: {} } }),
  });
  renderAt('/admin/account', <PasskeysSection />);
  await add();
  expect(await screen.findByRole('alert')).toHaveTextContent('has a passkey for your account');
  const errors = [{ pointer: '/password', detail: 'The password is wrong.' }];
  server.handlers[OPTIONS] = () => problem(422, 'invalid', { errors });
  await userEvent.click(screen.getByRole('button', { name: 'Add a passkey' }));
  expect(await screen.findByText('The password is wrong.')).toBeVisible();
});

it('renames one, and removes it with the password', async () => {
  fakeDevice({});
  const server = fakeApi({
    [LIST]: () => ({ body: [PHONE] }),
    [RENAME]: () => ({ body: PHONE }),
    [REMOVE]: () =>
      problem(422, 'invalid', { errors: [{ pointer: '/password', detail: 'Wrong.' }] }),
  });
  renderAt('/admin/account', <PasskeysSection />);
  await userEvent.click(await screen.findByRole('button', { name: 'Rename Phone' }));
  const name = within(screen.getByRole('dialog')).getByLabelText('New name');
  expect(name).toHaveFocus();
  await userEvent.clear(name);
  await userEvent.type(name, 'Old phone{Enter}');
  await expect.poll(() => server.made(RENAME)[0]?.body).toEqual({ name: 'Old phone' });
  await userEvent.click(await screen.findByRole('button', { name: 'Remove Phone' }));
  const dialog = within(screen.getByRole('dialog'));
  await userEvent.type(dialog.getByLabelText('Your password'), 'wrong{Enter}');
  expect(await dialog.findByText('Wrong.')).toBeVisible();
  server.handlers[REMOVE] = () => ({ status: 204 });
  await userEvent.click(dialog.getByRole('button', { name: 'Remove' }));
  await expect.poll(() => screen.queryByRole('dialog')).toBeNull();
  expect(server.made(REMOVE)[1]?.body).toEqual({ password: 'wrong' });
});

it('offers none where the browser has none', async () => {
  fakeApi({ [LIST]: () => ({ body: [PHONE] }) });
  renderAt('/admin/account', <PasskeysSection />);
  expect(await screen.findByText('Phone')).toBeVisible();
  expect(screen.getByText(/cannot make passkeys/)).toBeVisible();
});
