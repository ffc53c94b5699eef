import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, renderHook } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { MediaWithUses } from '../../api/types';
import { fakeApi, problem } from '../../test/fake-api';
import { useMediaEdit } from './use-media-edit';

const SAVE = 'PUT /api/v1/admin/media/m1';

const MEDIA = {
  id: 'm1',
  name: 'pole.jpg',
  alt: '',
  tags: [],
  focal_point: { x: 0.5, y: 0.5 },
  revision: 1,
} as unknown as MediaWithUses;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('sends what was refused again when it is another change or when it is told to, and never by itself', async () => {
  const api = fakeApi({
    [SAVE]: async () => {
      await new Promise(resolve => setTimeout(resolve, 1_500));
      return problem(422, 'invalid');
    },
  });
  const queries = new QueryClient();
  const { result } = renderHook(() => useMediaEdit(MEDIA), {
    wrapper: ({ children }: { children: ReactNode }) => (
      <QueryClientProvider client={queries}>{children}</QueryClientProvider>
    ),
  });
  // In steps: React draws between them, as it does between a request and its answer.
  const wait = async () => {
    for (let step = 0; step < 10; step += 1) await act(() => vi.advanceTimersByTimeAsync(1_000));
  };
  act(() => result.current.change({ name: '' }));
  await wait();
  expect(api.made(SAVE)).toHaveLength(1);
  expect(result.current.state).toBe('failed');
  act(() => result.current.retry());
  await wait();
  expect(api.made(SAVE)).toHaveLength(2);
  act(() => result.current.change({ name: 'x' }));
  await wait();
  expect(api.made(SAVE).map(({ body }) => (body as { name: string }).name)).toEqual(['', '', 'x']);
});
