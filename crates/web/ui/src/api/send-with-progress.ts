import type { Fetch } from './client';
import { NetworkError } from './problem';

/** As `send`, and tells how much of the body is sent, from 0 to 1: `fetch` cannot. */
export const sendWithProgress =
  (onProgress: (fraction: number) => void): Fetch =>
  async request => {
    const body = await request.blob();
    return new Promise((resolve, reject) => {
      const sending = new XMLHttpRequest();
      sending.open(request.method, request.url);
      for (const [name, value] of request.headers) sending.setRequestHeader(name, value);
      sending.responseType = 'blob';
      sending.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 1);
      sending.onload = () => resolve(asResponse(sending));
      sending.onerror = () => reject(new NetworkError('no answer'));
      sending.send(body);
    });
  };

function asResponse(sent: XMLHttpRequest): Response {
  const headers = new Headers();
  for (const line of sent.getAllResponseHeaders().split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  return new Response(sent.response, { status: sent.status, headers });
}
