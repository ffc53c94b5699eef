import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, it, vi } from 'vitest';
import { fakeApi, problem } from '../../test/fake-api';
import { fakeDevice } from '../../test/fake-device';
import { SignInForm } from './sign-in-form';

const LOGIN = 'POST /api/v1/auth/login';
const PASSKEY = 'POST /api/v1/auth/passkey';

afterEach(() => vi.unstubAllGlobals());

async function signIn(password: string) {
  const email = screen.getByLabelText('E-mail');
  if (email instanceof HTMLInputElement && email.value === '')
    await userEvent.type(email, 'ada@example.com');
  await userEvent.type(screen.getByLabelText('Password'), password);
  await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));
}

it('hands over the account', async () => {
  const account = { id: '1', name: 'Ada' };
  const server = fakeApi({ [LOGIN]: () => ({ body: account }) });
  const onSignedIn = vi.fn();
  render(<SignInForm onSignedIn={onSignedIn} />);
  await signIn('magnet');
  expect(onSignedIn).toHaveBeenCalledWith(account);
  expect(server.calls[0]?.body).toEqual({ email: 'ada@example.com', password: 'magnet' });
});

it('says that the password is wrong and empties its field, not the address', async () => {
  fakeApi({
    [LOGIN]: () => problem(401, 'wrong-credentials', { detail: 'The password is wrong.' }),
  });
  render(<SignInForm onSignedIn={vi.fn()} />);
  await signIn('wrong');
  expect(await screen.findByRole('alert')).toHaveTextContent('The password is wrong.');
  expect(screen.getByLabelText('Password')).toHaveValue('');
  expect(screen.getByLabelText('Password')).toHaveFocus();
  expect(screen.getByLabelText('E-mail')).toHaveValue('ada@example.com');
});

it('counts down after too many attempts, and then lets one try again', async () => {
  fakeApi({
    [LOGIN]: () => problem(429, 'too-many-attempts', { headers: { 'retry-after': '2' } }),
  });
  render(<SignInForm onSignedIn={vi.fn()} />);
  await signIn('wrong');
  expect(await screen.findByRole('alert')).toHaveTextContent('try again in 2 seconds');
  expect(screen.getByRole('button', { name: 'Sign in' })).toBeDisabled();
  await vi.waitFor(() => expect(screen.getByRole('button', { name: 'Sign in' })).toBeEnabled(), {
    timeout: 4000,
  });
  expect(screen.queryByRole('alert')).not.toBeInTheDocument();
});

it('asks for what is missing before asking the server', async () => {
  const server = fakeApi({});
  render(<SignInForm onSignedIn={vi.fn()} />);
  await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));
  expect(await screen.findByText('Type your password.')).toBeVisible();
  expect(screen.getByLabelText('E-mail')).toBeInvalid();
  expect(server.calls).toHaveLength(0);
});

it('asks for a code where the account has a second factor', async () => {
  const account = { id: '1', name: 'Ada' };
  const server = fakeApi({
    [LOGIN]: ({ body }) =>
      typeof body === 'object' && body !== null && 'code' in body && body.code === '123 456'
        ? { body: account }
        : problem(401, 'second-factor-required'),
  });
  const onSignedIn = vi.fn();
  render(<SignInForm onSignedIn={onSignedIn} />);
  await signIn('magnet');
  await userEvent.type(await screen.findByLabelText('Code'), '123 456');
  await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));
  expect(onSignedIn).toHaveBeenCalledWith(account);
  expect(server.calls[1]?.body).toMatchObject({ password: 'magnet', code: '123 456' });
});

it('signs in with a passkey, without address and password', async () => {
  const asked = fakeDevice({ id: 'abc' });
  const account = { id: '1', name: 'Ada' };
  const server = fakeApi({
    [`${PASSKEY}/options`]: () => ({ body: { options: { challenge: 'x' } } }),
    [PASSKEY]: () => ({ body: account }),
  });
  const onSignedIn = vi.fn();
  render(<SignInForm onSignedIn={onSignedIn} />);
  await userEvent.click(screen.getByRole('button', { name: 'Use a passkey' }));
  await expect.poll(() => onSignedIn).toHaveBeenCalledWith(account);
  expect(asked).toEqual([{ challenge: 'x' }]);
  expect(server.made(PASSKEY)[0]?.body).toEqual({ credential: { id: 'abc' } });
});

it('says that no passkey was chosen, and that one is refused', async () => {
  fakeDevice(new DOMException('', 'NotAllowedError'));
  const server = fakeApi({ [`${PASSKEY}/options`]: () => ({ body: { options: {} } }) });
  render(<SignInForm onSignedIn={vi.fn()} />);
  await userEvent.click(screen.getByRole('button', { name: 'Use a passkey' }));
  expect(await screen.findByRole('alert')).toHaveTextContent('No passkey was chosen');
  fakeDevice({});
  server.handlers[PASSKEY] = () => problem(401, 'passkey-refused', { detail: 'It is not taken.' });
  await userEvent.click(screen.getByRole('button', { name: 'Use a passkey' }));
  await expect.poll(() => screen.getByRole('alert').textContent).toContain('It is not taken.');
});

it('offers no passkey where the browser has none', () => {
  render(<SignInForm onSignedIn={vi.fn()} />);
  expect(screen.queryByRole('button', { name: 'Use a passkey' })).toBeNull();
});
