import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it } from 'vitest';
import { fakeApi, problem } from '../../test/fake-api';
import { renderAt } from '../../test/render-at';
import { PasswordView } from './password-view';

const LINK = 'POST /api/v1/auth/password-link';
const SITE = { 'GET /api/v1/site': () => ({ body: { title: 'Magnetiq' } }) };

async function choose(password: string) {
  await userEvent.type(screen.getByLabelText('New password'), password);
  await userEvent.click(screen.getByRole('button', { name: 'Save the password' }));
}

it('takes the token out of the address, and sets the password with it', async () => {
  const server = fakeApi({ ...SITE, [LINK]: () => ({ status: 204 }) });
  renderAt('/admin/password#id.hash', <PasswordView />);
  expect(location.hash).toBe('');
  await choose('violet kettle mountain');
  expect(await screen.findByRole('status')).toHaveTextContent('Your password is set.');
  expect(server.made(LINK)[0]?.body).toEqual({
    token: 'id.hash',
    password: 'violet kettle mountain',
  });
});

it('says beside the field what is wrong with the password', async () => {
  const errors = [{ pointer: '/password', detail: 'This password is on lists.' }];
  fakeApi({ ...SITE, [LINK]: () => problem(422, 'invalid', { errors }) });
  renderAt('/admin/password#id.hash', <PasswordView />);
  await choose('qwertyuiop10');
  expect(await screen.findByText('This password is on lists.')).toBeVisible();
  expect(screen.getByLabelText('New password')).toBeInvalid();
});

it('offers a new link in the place of one that was used', async () => {
  fakeApi({ ...SITE, [LINK]: () => problem(410, 'link-gone') });
  renderAt('/admin/password#id.hash', <PasswordView />);
  await choose('violet kettle mountain');
  expect(await screen.findByRole('link', { name: 'Send a new one' })).toHaveAttribute(
    'href',
    '/admin/forgotten',
  );
});
