import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it } from 'vitest';
import { fakeApi } from '../test/fake-api';
import { ConfirmView } from './confirm-view';

const CONFIRM = 'POST /api/v1/leads/confirm';

it('confirms by a click, with what stood in the link', async () => {
  const given = { html: '<p>See you.</p>', link: 'https://meet.example.com/a' };
  const starts_at = '2026-01-15T16:30:00Z';
  const server = fakeApi({ [CONFIRM]: () => ({ body: { ...given, starts_at } }) });
  history.replaceState(null, '', '/confirm#id.hash');
  render(<ConfirmView />);
  await userEvent.click(screen.getByRole('button', { name: 'Confirm the address' }));
  expect(await screen.findByRole('status')).toHaveTextContent('Your address is confirmed.');
  expect(screen.getByRole('status')).toHaveTextContent('See you.');
  expect(screen.getByText(/It begins on Thursday,? 15 January 2026/)).toBeVisible();
  expect(screen.getByRole('link', { name: 'Open' })).toHaveAttribute('href', given.link);
  expect(server.made(CONFIRM)[0]?.body).toEqual({ token: 'id.hash' });
  expect(location.hash).toBe('');
});
