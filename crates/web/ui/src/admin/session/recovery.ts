import { useSyncExternalStore } from 'react';
import { clientWith, type Fetch, send } from '../../api/client';
import { sendWithProgress } from '../../api/send-with-progress';

/*
 * When a session ends while someone works, the request that noticed it waits here until the person has signed in
 * again, and is then sent once more. Whoever made the request never learns of it, and nothing typed is lost.
 */

let waiting: ((signedIn: boolean) => void)[] = [];
const listeners = new Set<() => void>();

const notifyAll = () => {
  for (const notify of listeners) notify();
};

/** Opens the sign-in dialog; false when it was closed without signing in. */
export function askToSignIn(): Promise<boolean> {
  return new Promise(resolve => {
    waiting = [...waiting, resolve];
    notifyAll();
  });
}

export function answerSignIn(signedIn: boolean): void {
  const answered = waiting;
  waiting = [];
  notifyAll();
  for (const resolve of answered) resolve(signedIn);
}

export function useSignInAsked(): boolean {
  return useSyncExternalStore(
    notify => {
      listeners.add(notify);
      return () => listeners.delete(notify);
    },
    () => waiting.length > 0,
  );
}

const signedIn =
  (sendIt: Fetch): Fetch =>
  async request => {
    const again = request.clone();
    const response = await sendIt(request);
    if (response.status !== 401) return response;
    return (await askToSignIn()) ? sendIt(again) : response;
  };

/** The client of the admin area. */
export const adminApi = clientWith(signedIn(send));

/** The same, where sending takes a while. */
export const adminApiTelling = (onProgress: (fraction: number) => void) =>
  clientWith(signedIn(sendWithProgress(onProgress)));
