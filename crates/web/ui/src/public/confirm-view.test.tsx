import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it } from 'vitest';
import { fakeApi } from '../test/fake-api';
import { ConfirmView } from './confirm-view';

const CONFIRM = 'POST /api/v1/leads/confirm';

it('confirms by a click, with what stood in the link', async () => {
  const server = fakeApi({ [CONFIRM]: () => ({ status: 204 }) });
  history.replaceState(null, '', '/confirm#id.hash');
  render(<ConfirmView />);
  await userEvent.click(screen.getByRole('button', { name: 'Confirm the address' }));
  expect(await screen.findByRole('status')).toHaveTextContent('Your address is confirmed.');
  expect(server.made(CONFIRM)[0]?.body).toEqual({ token: 'id.hash' });
  expect(location.hash).toBe('');
});
