import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, render } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { useLiveChanges } from './use-live-changes';

/** Stands in for the browser's stream: what was opened is kept, and the test says what comes. */
class FakeEventSource extends EventTarget {
  static readonly CLOSED = 2;
  static opened: FakeEventSource[] = [];
  readyState = 1;
  constructor(readonly url: string) {
    super();
    FakeEventSource.opened.push(this);
  }
  close() {
    this.readyState = FakeEventSource.CLOSED;
  }
  send(name: string, data: unknown = {}) {
    this.dispatchEvent(new MessageEvent(name, { data: JSON.stringify(data) }));
  }
  fail(readyState: number) {
    this.readyState = readyState;
    this.dispatchEvent(new Event('error'));
  }
}

const opened = () => FakeEventSource.opened;
const newest = () => opened().at(-1) as FakeEventSource;

function Listener() {
  useLiveChanges();
  return null;
}

function listen() {
  const queries = new QueryClient();
  const invalidated = vi.spyOn(queries, 'invalidateQueries');
  const view = render(
    <QueryClientProvider client={queries}>
      <Listener />
    </QueryClientProvider>,
  );
  const forgotten = () => invalidated.mock.calls.map(([filter]) => filter?.queryKey?.join(' '));
  return { ...view, invalidated, forgotten };
}

beforeEach(() => {
  FakeEventSource.opened = [];
  vi.stubGlobal('EventSource', FakeEventSource);
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

it('forgets the lists of what has changed, each once, and knows nothing of what is new', () => {
  const { forgotten } = listen();
  newest().send('change', { kinds: ['pages', 'media', 'weather'] });
  expect(forgotten()).toEqual([
    'admin pages',
    'admin revisions',
    'admin menus',
    'admin overview',
    'admin media',
  ]);
});

it('leaves a short break to the browser', () => {
  const { forgotten } = listen();
  newest().fail(0);
  vi.advanceTimersByTime(120_000);
  expect(opened()).toHaveLength(1);
  expect(forgotten()).toEqual([]);
});

it('begins anew when it was refused, later each time, and then forgets what it may have missed', () => {
  const { forgotten } = listen();
  newest().fail(2);
  vi.advanceTimersByTime(2_000);
  expect(opened()).toHaveLength(2);
  newest().fail(2);
  vi.advanceTimersByTime(2_000);
  expect(opened()).toHaveLength(2);
  vi.advanceTimersByTime(2_000);
  expect(opened()).toHaveLength(3);
  newest().send('change', { kinds: [] });
  expect(forgotten()).toContain('admin leads');
});

it('asks who is signed in when the stream ends', () => {
  const { forgotten } = listen();
  newest().send('end');
  expect(forgotten()).toEqual(['account']);
  expect(newest().readyState).toBe(FakeEventSource.CLOSED);
});

it('listens only while it is seen, and not after signing out', () => {
  const { unmount } = listen();
  const hidden = vi.spyOn(document, 'hidden', 'get').mockReturnValue(true);
  act(() => void document.dispatchEvent(new Event('visibilitychange')));
  expect(opened().map(one => one.readyState)).toEqual([2]);
  hidden.mockReturnValue(false);
  act(() => void document.dispatchEvent(new Event('visibilitychange')));
  expect(opened().map(one => one.readyState)).toEqual([2, 1]);
  unmount();
  expect(opened().map(one => one.readyState)).toEqual([2, 2]);
  hidden.mockRestore();
});
