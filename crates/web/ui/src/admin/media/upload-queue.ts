import type { Media } from '../../api/types';

/** One file on its way to the server. */
export type Upload = {
  id: number;
  file: File;
  state: 'waiting' | 'sending' | 'paused' | 'done' | 'failed';
  /** From 0 to 1. */
  progress: number;
  /** The line is down; it goes on by itself. */
  stalled: boolean;
  problem: string | null;
  /** What it became in the library. */
  media: Media | null;
  /** Its content was in the library already. */
  duplicate: boolean;
};

export type QueueEvent =
  | { type: 'added'; files: { id: number; file: File }[] }
  | { type: 'started'; id: number }
  | { type: 'progressed'; id: number; progress: number }
  | { type: 'stalled'; id: number; stalled: boolean }
  | { type: 'paused'; id: number }
  | { type: 'resumed'; id: number }
  | { type: 'cancelled'; id: number }
  | { type: 'finished'; id: number; media: Media; duplicate: boolean }
  | { type: 'failed'; id: number; problem: string }
  | { type: 'retried'; id: number }
  | { type: 'dismissed' };

/** Files sent side by side: enough to hide latency, few enough to leave the line usable. */
const AT_ONCE = 2;

const FRESH = {
  state: 'waiting',
  progress: 0,
  stalled: false,
  problem: null,
  media: null,
  duplicate: false,
} as const;

export function queueReducer(queue: Upload[], event: QueueEvent): Upload[] {
  const change = (id: number, to: Partial<Upload>) =>
    queue.map(upload => (upload.id === id ? { ...upload, ...to } : upload));
  switch (event.type) {
    case 'added':
      return [...queue, ...event.files.map(added => ({ ...added, ...FRESH }))];
    case 'started':
    case 'resumed':
      return change(event.id, { state: 'sending', stalled: false });
    case 'progressed':
      return change(event.id, { progress: event.progress });
    case 'stalled':
      return change(event.id, { stalled: event.stalled });
    case 'paused':
      return change(event.id, { state: 'paused', stalled: false });
    case 'cancelled':
      return queue.filter(upload => upload.id !== event.id);
    case 'finished': {
      const { id, media } = event;
      // Two files of one list may have the same content, too.
      const duplicate = event.duplicate || queue.some(other => other.media?.id === media.id);
      return change(id, { state: 'done', progress: 1, stalled: false, media, duplicate });
    }
    case 'failed':
      return change(event.id, { state: 'failed', stalled: false, problem: event.problem });
    case 'retried':
      return change(event.id, FRESH);
    case 'dismissed':
      return queue.filter(isOpen);
  }
}

/** Whether it is not over yet. */
export const isOpen = ({ state }: Upload): boolean => state !== 'done' && state !== 'failed';

/** The files whose turn it is. */
export function nextToStart(queue: Upload[]): Upload[] {
  const sending = queue.filter(upload => upload.state === 'sending').length;
  return queue
    .filter(upload => upload.state === 'waiting')
    .slice(0, Math.max(0, AT_ONCE - sending));
}

/** How many of the queue are over, how many went wrong. */
export function queueCounts(queue: Upload[]) {
  const failed = queue.filter(({ state }) => state === 'failed').length;
  const open = queue.filter(isOpen).length;
  return { all: queue.length, open, failed, done: queue.length - open - failed };
}
