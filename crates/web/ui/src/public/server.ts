import { ApiError, NetworkError } from '../api/problem';

/**
 * Asks the API. Small on purpose: visitors ask three things, and need no client made from its description. The types
 * are those of the description all the same.
 */
export async function ask<T>(
  path: string,
  { body, signal }: { body?: unknown; signal?: AbortSignal } = {},
): Promise<T> {
  const response = await fetch(
    new Request(new URL(path, location.origin), {
      ...(body !== undefined && {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
      ...(signal && { signal }),
    }),
  ).catch(error => {
    if (signal?.aborted) throw error;
    throw new NetworkError('no answer', { cause: error });
  });
  const text = await response.text();
  if (!response.ok) throw new ApiError(response, parsed(text));
  return parsed(text) as T;
}

/** A proxy on the way may answer with something else. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
