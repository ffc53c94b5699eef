/** One file on its way to the server. */
export type Upload = {
  id: number;
  file: File;
  state: 'waiting' | 'sending' | 'done' | 'failed';
  /** From 0 to 1. */
  progress: number;
  problem: string | null;
};

export type QueueEvent =
  | { type: 'added'; files: { id: number; file: File }[] }
  | { type: 'started'; id: number }
  | { type: 'progressed'; id: number; progress: number }
  | { type: 'finished'; id: number }
  | { type: 'failed'; id: number; problem: string }
  | { type: 'retried'; id: number }
  | { type: 'dismissed' };

/** Files sent side by side: enough to hide latency, few enough to leave the line usable. */
const AT_ONCE = 2;

export function queueReducer(queue: Upload[], event: QueueEvent): Upload[] {
  const change = (id: number, to: Partial<Upload>) =>
    queue.map(upload => (upload.id === id ? { ...upload, ...to } : upload));
  switch (event.type) {
    case 'added':
      return [
        ...queue,
        ...event.files.map(added => ({
          ...added,
          state: 'waiting' as const,
          progress: 0,
          problem: null,
        })),
      ];
    case 'started':
      return change(event.id, { state: 'sending' });
    case 'progressed':
      return change(event.id, { progress: event.progress });
    case 'finished':
      return change(event.id, { state: 'done', progress: 1 });
    case 'failed':
      return change(event.id, { state: 'failed', problem: event.problem });
    case 'retried':
      return change(event.id, { state: 'waiting', progress: 0, problem: null });
    case 'dismissed':
      return queue.filter(upload => upload.state === 'waiting' || upload.state === 'sending');
  }
}

/** The files whose turn it is. */
export function nextToStart(queue: Upload[]): Upload[] {
  const sending = queue.filter(upload => upload.state === 'sending').length;
  return queue
    .filter(upload => upload.state === 'waiting')
    .slice(0, Math.max(0, AT_ONCE - sending));
}

/** How the queue stands, in a sentence for the live region. */
export function queueInWords(queue: Upload[]): string {
  const count = (state: Upload['state']) => queue.filter(upload => upload.state === state).length;
  const open = count('waiting') + count('sending');
  const failed = count('failed');
  const parts = [];
  if (open > 0) parts.push(`${open} of ${queue.length} still to go`);
  else parts.push(`${count('done')} of ${queue.length} uploaded`);
  if (failed > 0) parts.push(`${failed} failed`);
  return `${parts.join(', ')}.`;
}
