import { useCallback, useEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { innerPath } from '../ui/inner-path';
import { addressNow, askForView, describe, type Shown } from './view';
import { prepare } from './views';

type How = 'push' | 'replace' | 'back';
export type Go = (address: string, how: How) => Promise<void>;

/** What the Back button leads to comes without a request, at once, and so at the place where it was left. */
const KEPT = 30;
const kept = new Map<string, Shown>();

function keep(shown: Shown) {
  kept.delete(shown.address);
  if (shown.view && shown.view.content.kind !== 'form') kept.set(shown.address, shown);
  const oldest = kept.keys().next();
  if (kept.size > KEPT && !oldest.done) kept.delete(oldest.value);
}

async function load(address: string, signal: AbortSignal): Promise<Shown> {
  try {
    const view = await askForView(address, signal);
    if (view.content.kind === 'moved') return await load(view.content.to, signal);
    await prepare(view);
    return { address, view };
  } catch (error) {
    return { address, view: null, error };
  }
}

/** The site's router: the old view stays until the new one is there, and what is not a view is left to the browser. */
export function useNavigation(first: Shown): { shown: Shown; isLoading: boolean; go: Go } {
  const [shown, setShown] = useState(first);
  const [isLoading, setLoading] = useState(false);
  const running = useRef<AbortController>(null);
  const here = useRef(first.address);

  const go = useCallback(async (target: string, how: How) => {
    const url = new URL(target, location.href);
    running.current?.abort();
    const controller = new AbortController();
    running.current = controller;
    let next = how === 'back' ? kept.get(url.pathname + url.search) : undefined;
    if (!next) {
      setLoading(true);
      next = await load(url.pathname + url.search, controller.signal);
      if (controller.signal.aborted) return;
      setLoading(false);
    }
    here.current = next.address;
    keep(next);
    if (how === 'push') history.pushState(null, '', next.address + url.hash);
    if (how === 'replace') history.replaceState(history.state, '', next.address + url.hash);
    if (next.view) describe(next.view);
    const show = next;
    flushSync(() => setShown(show));
    if (how === 'push') arrive(url.hash);
  }, []);

  useEffect(() => {
    keep(first);
    const follow = (event: MouseEvent) => {
      const path = innerPath(event);
      if (path === null || !isView(path)) return;
      event.preventDefault();
      // The menu of a narrow screen stands over what it leads to.
      if (event.target instanceof Element) {
        event.target.closest<HTMLElement>('[popover]')?.hidePopover?.();
      }
      go(path, 'push');
    };
    const moved = () => {
      if (addressNow() !== here.current) go(addressNow(), 'back');
    };
    document.addEventListener('click', follow);
    window.addEventListener('popstate', moved);
    return () => {
      document.removeEventListener('click', follow);
      window.removeEventListener('popstate', moved);
    };
  }, [go, first]);

  // Without a view at the start, or after a time without a network.
  useEffect(() => {
    const retry = () => void go(addressNow() + location.hash, 'replace');
    if (!shown.view && shown.error === undefined) retry();
    if (shown.error === undefined) return;
    window.addEventListener('online', retry);
    return () => window.removeEventListener('online', retry);
  }, [go, shown]);

  return { shown, isLoading, go };
}

/** The admin area is another page, and files are none. */
const isView = (path: string) => !/^\/(admin|health)(\/|$)|^[^?#]*\.\w+($|[?#])/.test(path);

/** A reader who followed a link starts at its target, or at the top, where a screen reader reads the heading. */
function arrive(hash: string) {
  const target = hash && document.getElementById(decodeURIComponent(hash.slice(1)));
  if (target) return target.scrollIntoView();
  scrollTo(0, 0);
  const find = (part: string) => document.querySelector<HTMLElement>(`main ${part}`);
  (find('[type=search]') ?? find('h1'))?.focus({ preventScroll: true });
}
