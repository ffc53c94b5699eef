import { fill } from '../i18n/language';
import { words } from '../words/words';

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

let translate = (sentence: string): string => sentence;

/** Who speaks more languages than the server has them translated on the way to people. */
export function translateSentences(to: (sentence: string) => string): void {
  translate = to;
}

/** A sentence of the server, in the language of the page where it is known there. */
export const translated = (sentence: string): string => translate(sentence);

/** What visitors may be told, in each language of the site. */
const SENTENCES: Record<string, 'invalid' | 'form_expired' | 'form_closed'> = {
  invalid: 'invalid',
  'form-expired': 'form_expired',
  'form-not-found': 'form_closed',
};

/** Headings for refusals that the server explains further. Where there is none, its sentence stands alone. */
const TITLES: Record<string, 'signed_out' | 'no_page' | 'conflict' | 'too_large' | 'in_use'> = {
  'not-signed-in': 'signed_out',
  'page-not-found': 'no_page',
  'precondition-failed': 'conflict',
  'upload-too-large': 'too_large',
  'media-in-use': 'in_use',
};

/** The one place where any failure becomes a sentence for a person. */
export function inWords(error: unknown): Words {
  const said = words().problem;
  if (error instanceof NetworkError) {
    return { title: said.unreachable, detail: said.unreachable_text, canRetry: true };
  }
  if (!(error instanceof ApiError)) {
    return { title: said.unknown, detail: said.unknown_text, canRetry: true };
  }
  if (error.status === 429) {
    const wait = error.retryAfterSeconds;
    return {
      title: said.too_many,
      detail: wait === null ? said.too_many_text : fill(said.too_many_wait, { time: inTime(wait) }),
      canRetry: true,
    };
  }
  if (error.status >= 500 && !isAboutRoom(error)) {
    const reference = error.requestId ? ` ${fill(said.reference, { id: error.requestId })}` : '';
    return { title: said.server, detail: said.server_text + reference, canRetry: true };
  }
  const details = error.fields.map(field => translated(field.detail)).join(' ');
  const sentence = SENTENCES[error.code];
  const told = sentence ? said[sentence] : translated(error.detail);
  const title = TITLES[error.code];
  const short = error.status === 404 ? said.not_found : said.refused;
  return {
    title: title ? said[title] : told || short,
    detail: title ? told || details : details,
    canRetry: false,
  };
}

/** The server works, but has no room, or writes nothing for now: its sentence says what helps. */
const isAboutRoom = ({ status, code }: ApiError) => status === 507 || code.endsWith('read-only');

export function isApiError(error: unknown, code: string): error is ApiError {
  return error instanceof ApiError && error.code === code;
}

export function inTime(seconds: number): string {
  const said = words().problem;
  const isShort = seconds < 100;
  const count = isShort ? seconds : Math.ceil(seconds / 60);
  if (count === 1) return isShort ? said.second : said.minute;
  return fill(isShort ? said.seconds : said.minutes, { count });
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
