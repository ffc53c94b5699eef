import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it } from 'vitest';
import { fakeApi, problem } from '../../test/fake-api';
import { renderAt } from '../../test/render-at';
import { OutboxView } from './outbox-view';

const LIST = 'GET /api/v1/outbox';
const RETRY = 'POST /api/v1/outbox/1/retry';

const letter = (id: string, state: string, more = {}) => ({
  id,
  kind: 'mail',
  target: `${state}@example.com`,
  template: 'sign-in',
  state,
  attempts: 1,
  next_at: null,
  last_error: null,
  created_at: '2026-11-01T12:00:00Z',
  sent_at: null,
  dead_at: null,
  ...more,
});

function server() {
  const dead = letter('1', 'dead', { attempts: 12, last_error: 'no such mailbox' });
  return fakeApi({
    [LIST]: () => ({ body: { items: [dead, letter('2', 'sent')], next_cursor: null } }),
    'GET /api/v1/auth/me': () => ({ body: { id: 'a', role: 'admin' } }),
    'GET /api/v1/outbox/2': () => ({
      body: {
        ...letter('2', 'sent'),
        texts: { subject: 'New sign-in', text: 'Hello <b>Ana</b>,', html: '<p>Hello</p>' },
      },
    }),
    [RETRY]: () => ({ body: letter('1', 'queued') }),
  });
}

it('says why a letter was given up, and sends it again', async () => {
  const api = server();
  renderAt('/admin/outbox', <OutboxView />);
  const row = (await screen.findByText('dead@example.com')).closest('tr') as HTMLElement;
  expect(row).toHaveTextContent('no such mailbox');
  expect(row).toHaveTextContent('12 attempts');
  expect(await screen.findAllByRole('button', { name: 'Send again' })).toHaveLength(1);
  const asked = api.made(LIST).length;
  await userEvent.click(within(row).getByRole('button', { name: 'Send again' }));
  expect(api.made(RETRY)).toHaveLength(1);
  await expect.poll(() => api.made(LIST).length).toBeGreaterThan(asked);
});

it('offers to send again only to those who may', async () => {
  const api = server();
  api.handlers['GET /api/v1/auth/me'] = () => ({ body: { id: 'a', role: 'editor' } });
  renderAt('/admin/outbox', <OutboxView />);
  await screen.findByText('dead@example.com');
  await expect.poll(() => api.made('GET /api/v1/auth/me').length).toBe(1);
  expect(screen.queryByRole('button', { name: 'Send again' })).toBeNull();
});

it('asks again when somebody else was faster', async () => {
  const api = server();
  api.handlers[RETRY] = () => problem(409, 'not-given-up');
  renderAt('/admin/outbox', <OutboxView />);
  await userEvent.click(await screen.findByRole('button', { name: 'Send again' }));
  await expect.poll(() => api.made(LIST).length).toBeGreaterThan(1);
});

it('shows only what was given up', async () => {
  const api = server();
  renderAt('/admin/outbox', <OutboxView />);
  await userEvent.click(await screen.findByRole('radio', { name: 'Given up' }));
  await expect
    .poll(() => api.made(LIST).map(call => call.url.searchParams.get('state')))
    .toContain('dead');
});

it('shows a letter as text, and as HTML in a frame of its own', async () => {
  server();
  renderAt('/admin/outbox', <OutboxView />);
  await userEvent.click(await screen.findByRole('button', { name: 'sent@example.com' }));
  const dialog = await screen.findByRole('dialog', { name: 'New sign-in' });
  expect(dialog).toHaveTextContent('Hello <b>Ana</b>,');
  await userEvent.click(within(dialog).getByRole('radio', { name: 'HTML' }));
  const frame = within(dialog).getByTitle('Letter');
  expect(frame).toHaveAttribute('srcdoc', '<p>Hello</p>');
  expect(frame.getAttribute('sandbox')).not.toContain('allow-scripts');
});

it('takes back what was given up', async () => {
  const api = server();
  api.handlers['POST /api/v1/outbox/1/cancel'] = () => ({ body: letter('1', 'cancelled') });
  renderAt('/admin/outbox', <OutboxView />);
  const row = (await screen.findByText('dead@example.com')).closest('tr') as HTMLElement;
  await userEvent.click(await within(row).findByRole('button', { name: 'Take back' }));
  // It stands beside what sends it again.
  const asked = await screen.findByRole('alertdialog', { name: 'Never send it?' });
  expect(api.made('POST /api/v1/outbox/1/cancel')).toHaveLength(0);
  await userEvent.click(within(asked).getByRole('button', { name: 'Take back' }));
  await expect.poll(() => api.made('POST /api/v1/outbox/1/cancel')).toHaveLength(1);
  const sent = screen.getByText('sent@example.com').closest('tr') as HTMLElement;
  expect(within(sent).queryByRole('button', { name: 'Take back' })).toBeNull();
});

it('takes back a post that waits; letters only for administrators', async () => {
  const api = server();
  const waits = [letter('3', 'queued', { kind: 'mastodon' }), letter('4', 'queued')];
  api.handlers[LIST] = () => ({ body: { items: waits, next_cursor: null } });
  api.handlers['GET /api/v1/auth/me'] = () => ({ body: { id: 'a', role: 'editor' } });
  api.handlers['POST /api/v1/outbox/3/cancel'] = () => ({ body: letter('3', 'cancelled') });
  renderAt('/admin/outbox', <OutboxView />);
  await userEvent.click(await screen.findByRole('button', { name: 'Take back' }));
  await expect.poll(() => api.made('POST /api/v1/outbox/3/cancel')).toHaveLength(1);
  expect(screen.getByText(/Mastodon, sign-in/)).toBeVisible();
  const post = { ...letter('3', 'queued', { kind: 'mastodon' }), texts: null, post: 'Poles!' };
  api.handlers['GET /api/v1/outbox/3'] = () => ({ body: post });
  await userEvent.click(
    screen.getAllByRole('button', { name: 'queued@example.com' })[0] as Element,
  );
  expect(await screen.findByRole('dialog', { name: 'Post' })).toHaveTextContent('Poles!');
});
