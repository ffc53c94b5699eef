import { useEffect, useEffectEvent, useRef } from 'react';
import type { Draft } from './saved-page';

/* The server keeps one working copy of what is saved by itself, so it may happen often; a pause keeps half words out. */
const PAUSE_MS = 3_000;
const LONGEST_MS = 30_000;
const RETRY_MS = 15_000;

type Props = {
  draft: Draft;
  /** There is something to save that can be saved. */
  active: boolean;
  /** The last attempt failed, and may succeed later. */
  failing: boolean;
  save: () => unknown;
};

/** Saves by itself: after a pause, or after a while of typing without one, and when the window is left. */
export function useAutosave({ draft, active, failing, save }: Props): void {
  const since = useRef<number | null>(null);
  const onTime = useEffectEvent(() => void save());
  const { title, slug, summary, body } = draft;

  // biome-ignore lint/correctness/useExhaustiveDependencies: each change begins the wait anew
  useEffect(() => {
    if (!active) {
      since.current = null;
      return;
    }
    since.current ??= Date.now();
    const longest = since.current + LONGEST_MS - Date.now();
    const wait = failing ? RETRY_MS : Math.max(0, Math.min(PAUSE_MS, longest));
    const timer = setTimeout(onTime, wait);
    return () => clearTimeout(timer);
  }, [title, slug, summary, body, active, failing]);

  useEffect(() => {
    if (!active) return;
    const onHidden = () => document.hidden && onTime();
    document.addEventListener('visibilitychange', onHidden);
    return () => document.removeEventListener('visibilitychange', onHidden);
  }, [active]);
}
