import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it } from 'vitest';
import { fakeApi } from '../../test/fake-api';
import { renderAt } from '../../test/render-at';
import { TrashView } from './trash-view';

const LIST = 'GET /api/v1/admin/trash';
const RESTORE = 'POST /api/v1/admin/trash/1/restore';
const PAGE = {
  id: '1',
  title: 'About us',
  slug: 'about-us',
  deleted_at: '2026-11-01T12:00:00Z',
  gone_at: '2026-12-01T12:00:00Z',
  revision: 3,
};

it('brings a page back', async () => {
  const server = fakeApi({
    'GET /api/v1/auth/me': () => ({ body: { id: 'a', role: 'editor' } }),
    [LIST]: () => ({ body: { items: [PAGE], next_cursor: null } }),
    [RESTORE]: () => ({ body: {} }),
  });
  renderAt('/admin/trash', <TrashView />);
  expect(await screen.findByText(/gone for good on 1 December 2026/)).toBeVisible();
  server.handlers[LIST] = () => ({ body: { items: [], next_cursor: null } });
  await userEvent.click(await screen.findByRole('button', { name: 'Bring back' }));
  expect(await screen.findByText('The trash is empty')).toBeVisible();
  expect(server.made(RESTORE)).toHaveLength(1);
});
