/** What the server says when it refuses: an `application/problem+json` body, read once. */
export class ApiError extends Error {
  override name = 'ApiError';
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly fields: FieldProblem[];
  readonly requestId: string | null;
  readonly retryAfterSeconds: number | null;

  constructor(response: Response, body: unknown) {
    const problem = isRecord(body) ? body : {};
    const code = text(problem.code) ?? `http-${response.status}`;
    super(code);
    this.status = response.status;
    this.code = code;
    this.detail = text(problem.detail) ?? '';
    this.fields = readFields(problem.errors);
    this.requestId = text(problem.request_id) ?? response.headers.get('x-request-id');
    this.retryAfterSeconds = readSeconds(response.headers.get('retry-after'));
  }
}

/** No answer came at all: the network is down, or the server is. */
export class NetworkError extends Error {
  override name = 'NetworkError';
}

export type FieldProblem = { field: string; detail: string };

export type Words = { title: string; detail: string; canRetry: boolean };

/** Headings for refusals that the server explains further. Where there is none, its sentence stands alone. */
const TITLES: Record<string, string> = {
  'not-signed-in': 'You are signed out',
  'page-not-found': 'This page does not exist',
  'precondition-failed': 'Someone else changed this',
  'upload-too-large': 'The file is too large',
  'media-in-use': 'This file is in use',
};

/** The one place where any failure becomes a sentence for a person. */
export function inWords(error: unknown): Words {
  if (error instanceof NetworkError) {
    return {
      title: 'The server cannot be reached',
      detail: 'Check your connection and try again.',
      canRetry: true,
    };
  }
  if (!(error instanceof ApiError)) {
    return { title: 'Something went wrong', detail: 'Try again in a moment.', canRetry: true };
  }
  if (error.status === 429) {
    const wait = error.retryAfterSeconds;
    return {
      title: 'Too many attempts',
      detail: wait === null ? 'Wait a little and try again.' : `Try again in ${inTime(wait)}.`,
      canRetry: true,
    };
  }
  if (error.status >= 500) {
    const reference = error.requestId ? ` Reference: ${error.requestId}` : '';
    return {
      title: 'The server had a problem',
      detail: `Nothing is wrong with what you did. Try again in a moment.${reference}`,
      canRetry: true,
    };
  }
  const details = error.fields.map(field => field.detail).join(' ');
  const title = TITLES[error.code];
  return {
    title: title ?? (error.detail || (error.status === 404 ? 'Not found' : 'That did not work')),
    detail: title ? error.detail || details : details,
    canRetry: false,
  };
}

export function isApiError(error: unknown, code: string): error is ApiError {
  return error instanceof ApiError && error.code === code;
}

export function inTime(seconds: number): string {
  const [count, unit] = seconds < 100 ? [seconds, 'second'] : [Math.ceil(seconds / 60), 'minute'];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

function readFields(errors: unknown): FieldProblem[] {
  if (!Array.isArray(errors)) return [];
  return errors.filter(isRecord).map(entry => ({
    field: (text(entry.pointer) ?? '').replace(/^#?\//, ''),
    detail: text(entry.detail) ?? '',
  }));
}

function readSeconds(header: string | null): number | null {
  const seconds = Number.parseInt(header ?? '', 10);
  return Number.isFinite(seconds) ? Math.max(1, seconds) : null;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

const text = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value : null;
