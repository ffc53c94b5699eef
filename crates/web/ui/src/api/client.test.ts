import { expect, it, vi } from 'vitest';
import { fakeApi, problem } from '../test/fake-api';
import { answer, api } from './client';
import { ApiError, NetworkError } from './problem';

const readPage = (slug: string) =>
  answer(api.GET('/api/v1/pages/{slug}', { params: { path: { slug } } }));

it('keeps the slashes of a slug and encodes the rest', async () => {
  const server = fakeApi({ 'GET /api/v1/pages/guides/a b?': () => ({ body: {} }) });
  await readPage('guides/a b?');
  expect(server.calls[0]?.url.pathname).toBe('/api/v1/pages/guides/a%20b%3F');
});

it('throws what the server refused', async () => {
  fakeApi({ 'GET /api/v1/pages/x': () => problem(404, 'page-not-found') });
  await expect(readPage('x')).rejects.toMatchObject({ status: 404, code: 'page-not-found' });
  await expect(readPage('x')).rejects.toBeInstanceOf(ApiError);
});

it('makes a dropped connection recognisable', async () => {
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')));
  await expect(readPage('x')).rejects.toBeInstanceOf(NetworkError);
});

it('strengthens a tag that a proxy weakened', async () => {
  fakeApi({ 'GET /api/v1/pages/x': () => ({ body: {}, headers: { etag: 'W/"7"' } }) });
  expect((await readPage('x')).etag).toBe('"7"');
});
