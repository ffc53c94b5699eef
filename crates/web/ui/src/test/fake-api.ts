import { vi } from 'vitest';

type Call = {
  method: string;
  path: string;
  url: URL;
  headers: Headers;
  body: unknown;
  signal: AbortSignal;
};
type Answer = { status?: number; body?: unknown; headers?: Record<string, string> };
type Handler = (call: Call) => Answer | Promise<Answer>;

/**
 * Stands in for the server: `handlers` are named "GET /api/v1/site" (the query is left out) and every call is kept
 * in `calls`.
 */
export function fakeApi(handlers: Record<string, Handler>) {
  const calls: Call[] = [];
  const answer = async (request: Request) => {
    const url = new URL(request.url);
    const text = await request.clone().text();
    const call = {
      method: request.method,
      path: decodeURIComponent(url.pathname),
      url,
      headers: request.headers,
      body: text ? JSON.parse(text) : undefined,
      signal: request.signal,
    };
    calls.push(call);
    const handler = handlers[`${call.method} ${call.path}`];
    if (!handler) throw new TypeError(`nothing answers ${call.method} ${call.path}`);
    const { status = 200, body, headers } = await handler(call);
    return new Response(body === undefined ? null : JSON.stringify(body), {
      status,
      headers: { 'content-type': 'application/json', ...headers },
    });
  };
  vi.stubGlobal('fetch', answer);
  return {
    calls,
    made: (name: string) => calls.filter(call => `${call.method} ${call.path}` === name),
    handlers,
  };
}

export const problem = (
  status: number,
  code: string,
  extra: {
    detail?: string;
    errors?: { pointer: string; detail: string }[];
    headers?: Record<string, string>;
  } = {},
): Answer => {
  const { headers, ...body } = extra;
  return {
    status,
    body: { code, status, title: code, detail: '', ...body },
    ...(headers && { headers }),
  };
};
