import { expect, it } from 'vitest';
import {
  nextToStart,
  type QueueEvent,
  queueInWords,
  queueReducer,
  type Upload,
} from './upload-queue';

const file = (name: string) => new File(['x'], name);

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
  expect(ids(nextToStart(after({ type: 'started', id: 1 }, { type: 'finished', id: 1 })))).toEqual([
    2, 3,
  ]);
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

it('is told in words', () => {
  expect(queueInWords(after({ type: 'finished', id: 1 }))).toBe('2 of 3 still to go.');
  const done = after(
    { type: 'finished', id: 1 },
    { type: 'finished', id: 2 },
    { type: 'failed', id: 3, problem: '' },
  );
  expect(queueInWords(done)).toBe('2 of 3 uploaded, 1 failed.');
});

it('clears only what has ended', () => {
  const queue = after(
    { type: 'finished', id: 1 },
    { type: 'started', id: 2 },
    { type: 'dismissed' },
  );
  expect(ids(queue)).toEqual([2, 3]);
});
