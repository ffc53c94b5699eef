import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { lazy, Suspense } from 'react';
import { expect, it } from 'vitest';
import { fakeApi } from '../test/fake-api';
import { renderAt } from '../test/render-at';

const CONFIRM = 'POST /api/v1/leads/confirm';
const ConfirmView = lazy(async () => ({ default: (await import('./confirm-view')).ConfirmView }));

it('confirms by a click, with what stood in the link', async () => {
  const server = fakeApi({
    'GET /api/v1/site': () => ({ body: { title: 'Magnetiq' } }),
    [CONFIRM]: () => ({ status: 204 }),
  });
  renderAt(
    '/confirm#id.hash',
    <Suspense>
      <ConfirmView />
    </Suspense>,
  );
  await userEvent.click(await screen.findByRole('button', { name: 'Confirm the address' }));
  expect(await screen.findByRole('status')).toHaveTextContent('Your address is confirmed.');
  expect(server.made(CONFIRM)[0]?.body).toEqual({ token: 'id.hash' });
  expect(location.hash).toBe('');
});
