import { expect, it } from 'vitest';
import type { Media } from '../../api/types';
import {
  nextToStart,
  type QueueEvent,
  queueCounts,
  queueReducer,
  type Upload,
} from './upload-queue';

const file = (name: string) => new File(['x'], name);
const finished = (id: number, media = `m${id}`, duplicate = false): QueueEvent => ({
  type: 'finished',
  id,
  media: { id: media } as Media,
  duplicate,
});

function after(...events: QueueEvent[]): Upload[] {
  const files = [1, 2, 3].map(id => ({ id, file: file(`${id}.png`) }));
  return [{ type: 'added', files } as const, ...events].reduce(queueReducer, [] as Upload[]);
}

const ids = (queue: Upload[]) => queue.map(upload => upload.id);

it('sends two at once, in order', () => {
  expect(ids(nextToStart(after()))).toEqual([1, 2]);
  expect(ids(nextToStart(after({ type: 'started', id: 1 })))).toEqual([2]);
  expect(ids(nextToStart(after({ type: 'started', id: 1 }, { type: 'started', id: 2 })))).toEqual(
    [],
  );
  expect(ids(nextToStart(after({ type: 'started', id: 1 }, finished(1))))).toEqual([2, 3]);
});

it('goes on after a failure, keeps its reason, and can try again', () => {
  const failed = after(
    { type: 'started', id: 1 },
    { type: 'failed', id: 1, problem: 'Too large.' },
  );
  expect(failed[0]).toMatchObject({ state: 'failed', problem: 'Too large.' });
  expect(ids(nextToStart(failed))).toEqual([2, 3]);
  expect(queueReducer(failed, { type: 'retried', id: 1 })[0]).toMatchObject({
    state: 'waiting',
    problem: null,
  });
});

it('lets others go first while one is paused, and forgets one that is cancelled', () => {
  const paused = after({ type: 'started', id: 1 }, { type: 'paused', id: 1 });
  expect(ids(nextToStart(paused))).toEqual([2, 3]);
  expect(queueReducer(paused, { type: 'resumed', id: 1 })[0]?.state).toBe('sending');
  expect(ids(queueReducer(paused, { type: 'cancelled', id: 1 }))).toEqual([2, 3]);
});

it('tells a line that is down until something moves again', () => {
  const down = after({ type: 'started', id: 1 }, { type: 'stalled', id: 1, stalled: true });
  expect(down[0]?.stalled).toBe(true);
  expect(queueReducer(down, finished(1))[0]?.stalled).toBe(false);
});

it('tells content that was there already, also from this list', () => {
  const queue = after(finished(1, 'm', true), finished(2, 'n'), finished(3, 'n'));
  expect(queue.map(upload => upload.duplicate)).toEqual([true, false, true]);
});

it('is counted', () => {
  const failed: QueueEvent = { type: 'failed', id: 3, problem: '' };
  expect(queueCounts(after(finished(1), failed))).toEqual({ all: 3, open: 1, failed: 1, done: 1 });
});

it('clears only what has ended', () => {
  const queue = after(finished(1), { type: 'started', id: 2 }, { type: 'dismissed' });
  expect(ids(queue)).toEqual([2, 3]);
});
