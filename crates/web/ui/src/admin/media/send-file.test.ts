import { renderHook, waitFor } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import { answerSignIn, useSignInAsked } from '../session/recovery';
import { isWorthAnother, type Sending, sendFile } from './send-file';

// Outside of a bundler the package leads to its build for Node, which knows no files of browsers.
vi.mock('tus-js-client', () => import('tus-js-client/lib.es5/browser/index.js' as string));

const refused = (status: number, code = '') => ({
  originalResponse: {
    getStatus: () => status,
    getBody: () => JSON.stringify({ code }),
    getHeader: () => '',
    getUnderlyingObject: () => null,
  },
});
const NO_ANSWER = { originalResponse: null };

it('tries again for hours where nothing answers', () => {
  expect(isWorthAnother(NO_ANSWER, 0)).toBe(true);
  expect(isWorthAnother(NO_ANSWER, 1_000)).toBe(true);
});

it.each([423, 429, 500, 502, 503])('tries a few times after %i', status => {
  expect([isWorthAnother(refused(status), 0), isWorthAnother(refused(status), 100)]).toEqual([
    true,
    false,
  ]);
});

it('asks where to go on when the server has more or less than was thought', () => {
  expect(isWorthAnother(refused(409, 'upload-offset'), 0)).toBe(true);
  expect(isWorthAnother(refused(409, 'media-replaced'), 0)).toBe(false);
});

it.each([400, 401, 404, 413, 415, 507])('takes %i for an answer', status => {
  expect(isWorthAnother(refused(status), 0)).toBe(false);
});

/** Stands in for the browser's requests: the session is over for each of them. */
class SignedOut {
  static sent = 0;
  readonly upload = {};
  readonly status = 401;
  readonly responseText = '{}';
  onload = () => {};
  open() {}
  setRequestHeader() {}
  getResponseHeader = () => null;
  abort() {}
  send() {
    SignedOut.sent += 1;
    setTimeout(() => this.onload());
  }
}

it.each([
  ['goes on', () => {}, 2],
  ['stays paused', (sending: Sending) => sending.pause(), 1],
  ['stays given up', (sending: Sending) => sending.cancel(), 1],
])('%s after signing in again', async (_, meanwhile, requests) => {
  SignedOut.sent = 0;
  vi.stubGlobal('XMLHttpRequest', SignedOut);
  const asked = renderHook(() => useSignInAsked());
  const sending = sendFile(new File(['x'], 'x.txt'));
  sending.sent.catch(() => {});
  await waitFor(() => expect(asked.result.current).toBe(true));
  meanwhile(sending);
  answerSignIn(true);
  // Time for a request that must not come.
  await new Promise(resolve => setTimeout(resolve, 200));
  expect(SignedOut.sent).toBe(requests);
  answerSignIn(false);
});
