import type { DetailedError, Upload } from 'tus-js-client';
import { answer } from '../../api/client';
import { ApiError, NetworkError } from '../../api/problem';
import type { Media } from '../../api/types';
import { adminApi, askToSignIn } from '../session/recovery';

const UPLOADS = '/api/v1/admin/media/uploads';

/** So much is sent in one request: what a broken line costs at most. */
const PART_BYTES = 8 * 1024 * 1024;

/** A line that is down is tried again for some hours; a server that fails, a few times. */
const RETRY_DELAYS_MS = [1_000, 2_000, 5_000, ...Array.from({ length: 2_000 }, () => 10_000)];
const SERVER_FAILURES_MAX = 6;

/** A file that came, and whether its content was here already. */
export type Sent = { media: Media; duplicate: boolean };

type Hooks = {
  /** How much is there, from 0 to 1. */
  onProgress?: (fraction: number) => void;
  /** The line is down, or up again. */
  onStalled?: (stalled: boolean) => void;
};

/** A file on its way. */
export type Sending = {
  sent: Promise<Sent>;
  pause: () => void;
  resume: () => void;
  /** Gives it up; what the server has of it goes, too. */
  cancel: () => void;
};

/**
 * Sends one file in parts, by tus. It goes on after a break of the line, after signing in again, and where the same file
 * is chosen once more after the window was closed.
 */
export function sendFile(file: File, hooks: Hooks = {}): Sending {
  let upload: Upload | null = null;
  let held = false;
  const sent = new Promise<Sent>((resolve, reject) => {
    prepare(file, { ...hooks, isHeld: () => held }, resolve, reject).then(made => {
      upload = made;
      if (!held) made.start();
    }, reject);
  });
  return {
    sent,
    pause: () => {
      held = true;
      void upload?.abort();
    },
    resume: () => {
      held = false;
      upload?.start();
    },
    cancel: () => {
      held = true;
      // Where the server cannot be told, it gives the upload up when its time is over.
      upload?.abort(true).catch(() => {});
    },
  };
}

async function prepare(
  file: File,
  { onProgress, onStalled, isHeld }: Hooks & { isHeld: () => boolean },
  resolve: (sent: Sent | Promise<Sent>) => void,
  reject: (reason: unknown) => void,
): Promise<Upload> {
  const tus = await import('tus-js-client');
  const upload = new tus.Upload(file, {
    endpoint: UPLOADS,
    metadata: { filename: file.name },
    chunkSize: PART_BYTES,
    retryDelays: RETRY_DELAYS_MS,
    removeFingerprintOnSuccess: true,
    onShouldRetry: (error, attempt) => {
      const again = isWorthAnother(error as DetailedError, attempt);
      if (again) onStalled?.(true);
      return again;
    },
    onProgress: (there, all) => {
      onStalled?.(false);
      onProgress?.(all > 0 ? there / all : 1);
    },
    onSuccess: () => resolve(whatCame(upload.url ?? '')),
    onError: async error => {
      const status = (error as DetailedError).originalResponse?.getStatus();
      if (status !== 401 || !(await askToSignIn())) reject(asProblem(error));
      // Meanwhile it may have been paused or given up.
      else if (!isHeld()) upload.start();
    },
  });
  const [former] = await upload.findPreviousUploads();
  if (former) upload.resumeFromPreviousUpload(former);
  return upload;
}

/** Whether to try again: the same refusal would come for what the server says about the file itself. */
export function isWorthAnother(error: Pick<DetailedError, 'originalResponse'>, attempt: number) {
  const response = error.originalResponse;
  if (!response) return true;
  const status = response.getStatus();
  const passes = status === 423 || status === 429 || (status >= 500 && status !== 507);
  const isBehind = status === 409 && response.getBody().includes('upload-offset');
  return (passes || isBehind) && attempt < SERVER_FAILURES_MAX;
}

/** The file that an upload became. */
async function whatCame(url: string): Promise<Sent> {
  const id = url.slice(url.lastIndexOf('/') + 1);
  const state = async () =>
    (await answer(adminApi.GET(`${UPLOADS}/{id}`, { params: { path: { id } } }))).data;
  const { size_bytes, media: kept } = await state();
  if (kept) return told(id, kept);
  // Everything is there, but the server was stopped before it could put the file in its place: an empty part makes it.
  await answer(
    adminApi.PATCH(`${UPLOADS}/{id}`, {
      params: { path: { id }, header: { 'Tus-Resumable': '1.0.0', 'Upload-Offset': size_bytes } },
      headers: { 'Content-Type': 'application/offset+octet-stream' },
      body: '' as never,
      bodySerializer: body => body,
    }),
  );
  const { media } = await state();
  if (!media) throw new Error('the upload is whole and became no file');
  return told(id, media);
}

/** Ids sort by the moment they were made in: a file from before its upload is one that was here already. */
const told = (upload: string, media: Media): Sent => ({ media, duplicate: media.id < upload });

function asProblem(error: Error | DetailedError): unknown {
  if (!('originalRequest' in error)) return error;
  const response = error.originalResponse;
  if (!response) return new NetworkError('upload cut off', { cause: error });
  const headers = new Headers();
  for (const name of ['retry-after', 'x-request-id']) {
    const value = response.getHeader(name);
    if (value) headers.set(name, value);
  }
  return new ApiError(
    new Response(null, { status: response.getStatus(), headers }),
    parsed(response.getBody()),
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
