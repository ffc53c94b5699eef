import { ApiError, NetworkError } from '../../api/problem';
import type { Media } from '../../api/types';
import { askToSignIn } from '../session/recovery';

type Options = { onProgress?: (fraction: number) => void };

/** Sends one file. XMLHttpRequest, because `fetch` cannot tell how much has been sent. */
export async function uploadFile(file: File, { onProgress }: Options = {}): Promise<Media> {
  const first = await post(file, onProgress);
  const response =
    first.status === 401 && (await askToSignIn()) ? await post(file, onProgress) : first;
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok) throw new ApiError(response, body);
  return body as Media;
}

function post(file: File, onProgress?: (fraction: number) => void): Promise<Response> {
  const form = new FormData();
  form.append('file', file);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', '/api/v1/admin/media');
    request.upload.addEventListener('progress', event => {
      if (event.lengthComputable) onProgress?.(event.loaded / event.total);
    });
    request.addEventListener('load', () => resolve(asResponse(request)));
    request.addEventListener('error', () => reject(new NetworkError('upload cut off')));
    request.send(form);
  });
}

function asResponse(request: XMLHttpRequest): Response {
  const headers = new Headers();
  for (const name of ['retry-after', 'x-request-id']) {
    const value = request.getResponseHeader(name);
    if (value) headers.set(name, value);
  }
  return new Response(request.responseText, { status: request.status, headers });
}
