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
  const tokens = server.made(PREVIEW).map(({ body }) => body);
  expect(tokens).toEqual([{ token: 'id.hash' }, { token: 'id.hash' }]);
});
