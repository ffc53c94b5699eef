import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import { fakeApi } from '../test/fake-api';
import { renderAt } from '../test/render-at';
import SearchView from './search-view';

const LIST = 'GET /api/v1/pages';

const card = (title: string) => ({
  slug: title.toLowerCase(),
  title,
  summary: '',
  author: null,
  published_at: '2026-11-01T12:00:00Z',
  updated_at: '2026-11-01T12:00:00Z',
  excerpt: `a <mark>${title}</mark> here`,
});

function server(pages: string[]) {
  return fakeApi({
    'GET /api/v1/site': () => ({ body: { title: 'Site', description: '', language: 'en' } }),
    [LIST]: () => ({ body: { items: pages.map(card), next_cursor: null } }),
  });
}

it('asks once for a word typed in one go, and keeps it in the address', async () => {
  const api = server(['Magnet']);
  renderAt('/search', <SearchView />);
  await userEvent.type(screen.getByRole('searchbox'), 'magnet');
  expect(await screen.findByRole('link', { name: 'Magnet' })).toHaveAttribute('href', '/magnet');
  expect(api.made(LIST).map(call => call.url.searchParams.get('q'))).toEqual(['magnet']);
  expect(location.search).toBe('?q=magnet');
  expect(screen.getByRole('status')).toHaveTextContent('1 page for “magnet”');
  expect(screen.getByText('Magnet', { selector: 'mark' })).toBeVisible();
});

it('begins with what the address asks for', async () => {
  server([]);
  renderAt('/search?q=nothing', <SearchView />);
  expect(await screen.findByText('Nothing was found')).toBeVisible();
  expect(screen.getByRole('searchbox')).toHaveValue('nothing');
});

it('asks nothing for an empty field', async () => {
  const api = server([]);
  renderAt('/search', <SearchView />);
  await userEvent.type(screen.getByRole('searchbox'), '   ');
  await new Promise(resolve => setTimeout(resolve, 350));
  expect(api.made(LIST)).toHaveLength(0);
});

it('offers to try again when the server cannot be reached', async () => {
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')));
  renderAt('/search?q=x', <SearchView />);
  expect(await screen.findByRole('alert')).toHaveTextContent('cannot be reached');
  expect(screen.getByRole('button', { name: 'Try again' })).toBeVisible();
});
