import createClient from 'openapi-fetch';
import { ApiError, NetworkError } from './problem';
import type { paths } from './schema';

export type Fetch = (request: Request) => Promise<Response>;

/** `fetch`, with its vague TypeError turned into something `inWords` can explain. */
export const send: Fetch = async request => {
  try {
    return await fetch(request);
  } catch (error) {
    if (request.signal.aborted) throw error;
    throw new NetworkError('no answer', { cause: error });
  }
};

export function clientWith(fetch: Fetch) {
  return createClient<paths>({ baseUrl: location.origin, fetch, pathSerializer });
}

/** For the public pages and for signing in. The admin area uses `adminApi`. */
export const api = clientWith(send);

export type Answer<T> = { data: T; etag: string | null };

/** Unwraps a call of the client: the data, or a thrown `ApiError`. */
export async function answer<T>(
  call: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<Answer<T>> {
  const { data, error, response } = await call;
  if (!response.ok) throw new ApiError(response, error);
  return { data: data as T, etag: strongEtag(response.headers.get('etag')) };
}

/** A slug may hold slashes and they stay slashes; everything else in it is encoded. */
function pathSerializer(path: string, parameters: Record<string, unknown>): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) =>
    String(parameters[name]).split('/').map(encodeURIComponent).join('/'),
  );
}

/** A proxy that compresses weakens the tag on its way; `If-Match` compares strong ones. */
const strongEtag = (etag: string | null) => etag?.replace(/^W\//, '') ?? null;
