import { cleanup, render, screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import { fakeApi } from '../test/fake-api';
import { PreviewView } from './preview-view';

const PREVIEW = 'POST /api/v1/preview';

it('shows the page of the link, and again after Reload and Back', async () => {
  const server = fakeApi({
    [PREVIEW]: () => ({ body: { title: 'Plans', summary: '', html: '<p>Not yet</p>' } }),
  });
  history.replaceState(null, '', '/preview#id.hash');
  for (const _ of ['the link', 'Reload']) {
    render(<PreviewView lang="en" />);
    expect(await screen.findByRole('heading', { name: 'Plans' })).toBeVisible();
    expect(location.hash).toBe('');
    cleanup();
  }
  // By a link to a heading, which the browser follows itself.
  history.pushState(null, '', '/preview#plans');
  history.back();
  await new Promise(done => addEventListener('popstate', done, { once: true }));
  render(<PreviewView lang="en" />);
  await screen.findByRole('heading', { name: 'Plans' });
  history.pushState(null, '', '/preview#plans');
  dispatchEvent(new HashChangeEvent('hashchange'));
  cleanup();
  render(<PreviewView lang="en" />);
  expect(await screen.findByRole('heading', { name: 'Plans' })).toBeVisible();
  const tokens = server.made(PREVIEW).map(({ body }) => body);
  expect(tokens).toEqual(Array(4).fill({ token: 'id.hash' }));
});
