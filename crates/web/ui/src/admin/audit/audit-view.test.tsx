import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it } from 'vitest';
import { fakeApi } from '../../test/fake-api';
import { renderAt } from '../../test/render-at';
import { AuditView } from './audit-view';
import { beginOf } from './use-audit-place';

const LIST = 'GET /api/v1/admin/audit';

const ENTRY = {
  number: 7,
  at: '2026-11-01T12:00:00Z',
  actor_id: 'a1',
  actor: 'ana@example.com',
  via: 'session',
  address: '127.0.0.1',
  action: 'page.publish',
  subject_kind: 'page',
  subject_id: 'p1',
  subject: 'Poles',
  before: null,
  after: null,
};

const server = () =>
  fakeApi({
    [LIST]: () => ({ body: { items: [ENTRY], next_cursor: null } }),
    'GET /api/v1/admin/accounts': () => ({ body: [{ id: 'a1', email: 'ana@example.com' }] }),
  });

it('narrows by who, what and days, and keeps that in the address and in the table', async () => {
  const api = server();
  renderAt('/admin/audit', <AuditView />);
  const who = await screen.findByLabelText('By whom');
  await screen.findByRole('option', { name: 'ana@example.com' });
  await userEvent.selectOptions(who, 'ana@example.com');
  await userEvent.selectOptions(screen.getByLabelText('What was changed'), 'Pages');
  await userEvent.type(screen.getByLabelText('From'), '2026-11-01');
  await userEvent.type(screen.getByLabelText('To'), '2026-11-02');
  expect(location.search).toBe('?actor=a1&action=page&since=2026-11-01&until=2026-11-02');
  const wanted = {
    actor: 'a1',
    action: 'page',
    since: new Date('2026-11-01T00:00').toISOString(),
    // All of that day.
    until: new Date('2026-11-03T00:00').toISOString(),
  };
  await expect
    .poll(() => Object.fromEntries(api.made(LIST).at(-1)?.url.searchParams ?? []))
    .toEqual({ limit: '50', ...wanted });
  const table = screen.getByRole('link', { name: 'Export as a table' });
  expect(table).toHaveAttribute('href', `/api/v1/admin/audit.csv?${new URLSearchParams(wanted)}`);
  await userEvent.selectOptions(who, 'Everybody');
  expect(location.search).not.toContain('actor');
});

it('begins as the address says, with one action alone and an account that is gone', async () => {
  const api = server();
  renderAt('/admin/audit?actor=gone&action=page.publish&since=never', <AuditView />);
  await screen.findByText('Poles');
  const asked = api.made(LIST)[0]?.url.searchParams;
  expect([asked?.get('actor'), asked?.get('action'), asked?.get('since')]).toEqual([
    'gone',
    'page.publish',
    null,
  ]);
  expect(screen.getByLabelText('By whom')).toHaveDisplayValue('Somebody who is gone');
  expect(screen.getByLabelText('What was changed')).toHaveDisplayValue('page.publish');
});

it('leads from an entry to all that are like it', async () => {
  server();
  renderAt('/admin/audit?q=poles', <AuditView />);
  await userEvent.click(await screen.findByRole('link', { name: 'page.publish' }));
  await userEvent.click(screen.getByRole('link', { name: 'ana@example.com' }));
  expect(location.search).toBe('?q=poles&action=page.publish&actor=a1');
});

it('knows when a day begins, and that some have other than 24 hours', () => {
  expect(beginOf('2026-03-29')).toBe(new Date('2026-03-29T00:00').toISOString());
  expect(beginOf('2026-03-29', 1)).toBe(new Date('2026-03-30T00:00').toISOString());
  expect([beginOf(''), beginOf('never')]).toEqual([null, null]);
});
