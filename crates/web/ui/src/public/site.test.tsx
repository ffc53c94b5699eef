import { act, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, it, vi } from 'vitest';
import type { View } from '../api/types';
import { setLanguage } from '../i18n/language';
import { fakeApi } from '../test/fake-api';
import { cardOf, listOf, viewOf } from '../test/views';
import { Site } from './start';

const VIEW = 'GET /api/v1/view';

afterEach(() => setLanguage('en'));

const page = (title: string, html: string): View =>
  viewOf(
    {
      kind: 'page',
      page: {
        ...cardOf(title),
        html,
        translations: [],
        seo: { title: '', description: '', canonical: '', noindex: false },
      },
    },
    { title, canonical: `https://site.example/${title.toLowerCase()}` },
  );

const VIEWS: Record<string, View> = {
  '/': viewOf({ kind: 'home', page: null, list: listOf('Roses') }),
  '/roses': page('Roses', '<p>Beside <a href="/lilies">lilies</a></p>'),
  '/lilies': page('Lilies', '<p>White ones</p>'),
  '/old': viewOf({ kind: 'moved', to: '/lilies' }),
};

function start(address: string, views = VIEWS) {
  history.replaceState(null, '', address);
  const server = fakeApi({
    [VIEW]: ({ url }) => {
      const asked = url.searchParams.get('address') ?? '';
      return {
        body: views[asked] ?? viewOf({ kind: 'not-found' }, { status: 404, noindex: true }),
      };
    },
  });
  render(<Site first={{ address, view: views[address] ?? null }} />);
  return server;
}

it('shows what came with the document without asking again', async () => {
  const server = start('/roses');
  expect(screen.getByRole('heading', { name: 'Roses' })).toBeVisible();
  await new Promise(resolve => setTimeout(resolve, 20));
  expect(server.calls).toEqual([]);
});

it('follows links in texts, names the view, and goes back without asking', async () => {
  const server = start('/roses');
  await userEvent.click(screen.getByRole('link', { name: 'lilies' }));
  const heading = await screen.findByRole('heading', { name: 'Lilies' });
  expect([location.pathname, document.title]).toEqual(['/lilies', 'Lilies · Site']);
  expect(document.head.querySelector('link[rel=canonical]')).toHaveAttribute(
    'href',
    'https://site.example/lilies',
  );
  expect(heading).toHaveFocus();
  act(() => history.back());
  expect(await screen.findByRole('heading', { name: 'Roses' })).toBeVisible();
  expect(server.made(VIEW)).toHaveLength(1);
});

it('goes where a page has moved, and says where nothing is', async () => {
  const views = { ...VIEWS, '/': page('Start', '<a href="/old">old</a> <a href="/gone">gone</a>') };
  start('/', views);
  await userEvent.click(screen.getByRole('link', { name: 'gone' }));
  expect(await screen.findByRole('heading', { name: 'Nothing is held here' })).toBeVisible();
  expect(document.head.querySelector('meta[name=robots]')).toHaveAttribute('content', 'noindex');
  act(() => history.back());
  await userEvent.click(await screen.findByRole('link', { name: 'old' }));
  expect(await screen.findByRole('heading', { name: 'Lilies' })).toBeVisible();
  expect(location.pathname).toBe('/lilies');
});

it('keeps the site around a failure, and tries again when the network is back', async () => {
  const server = start('/roses');
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')));
  await userEvent.click(screen.getByRole('link', { name: 'lilies' }));
  expect(await screen.findByRole('alert')).toHaveTextContent('The server cannot be reached');
  expect(screen.getByRole('link', { name: 'Site' })).toBeVisible();
  fakeApi(server.handlers);
  window.dispatchEvent(new Event('online'));
  expect(await screen.findByRole('heading', { name: 'Lilies' })).toBeVisible();
  expect(screen.queryByRole('alert')).toBeNull();
});

it('asks for the view when none came', async () => {
  const server = start('/lilies', {});
  server.handlers[VIEW] = () => ({ body: VIEWS['/lilies'] });
  expect(await screen.findByRole('heading', { level: 1 })).toBeVisible();
  expect(server.made(VIEW)).not.toHaveLength(0);
});

it('speaks the language of the view', async () => {
  const german = { ...viewOf({ kind: 'not-found' }), language: 'de', feeds: '/de', status: 404 };
  start('/roses', { ...VIEWS, '/lilies': german });
  await userEvent.click(screen.getByRole('link', { name: 'lilies' }));
  expect(await screen.findByRole('heading', { name: 'Hier ist nichts' })).toBeVisible();
  expect(screen.getByRole('link', { name: 'Suche' })).toBeVisible();
  expect(document.querySelector('.site-links a[href="/de/feed.xml"]')).toBeVisible();
  expect(document.documentElement.lang).toBe('de');
});

it('searches as one types, once for a word typed in one go, and keeps it in the address', async () => {
  const results = { items: [cardOf('Magnet', 'a <mark>magnet</mark> here')], next_cursor: null };
  const server = start('/search', {
    '/search': viewOf({ kind: 'search', q: '', list: listOf() }),
    '/search?q=magnet': viewOf({ kind: 'search', q: 'magnet', list: results }),
    '/search?q=x': viewOf({ kind: 'search', q: 'x', list: listOf() }),
  });
  const field = screen.getByRole('searchbox');
  await userEvent.type(field, 'magnet ');
  expect(await screen.findByRole('link', { name: 'Magnet' })).toHaveAttribute('href', '/magnet');
  expect(server.made(VIEW)).toHaveLength(1);
  expect(location.search).toBe('?q=magnet');
  expect(screen.getByRole('status')).toHaveTextContent('1 page for “magnet”');
  expect(screen.getByText('magnet', { selector: 'mark' })).toBeVisible();
  expect(field).toHaveFocus();
  await userEvent.clear(field);
  await userEvent.type(field, 'x');
  expect(await screen.findByText('Nothing was found')).toBeVisible();
});

it('adds the next pages below, and leads to the first of them', async () => {
  const first = { items: [cardOf('One')], next_cursor: 'abc' };
  start('/', {
    '/': viewOf({ kind: 'home', page: null, list: first }),
    '/?cursor=abc': viewOf({ kind: 'home', page: null, list: listOf('Two') }),
  });
  await userEvent.click(screen.getByRole('link', { name: 'Load more' }));
  await waitFor(() => expect(screen.getByRole('link', { name: 'Two' })).toHaveFocus());
  expect(screen.getByRole('link', { name: 'One' })).toBeVisible();
  expect(screen.queryByRole('link', { name: 'Load more' })).toBeNull();
});
