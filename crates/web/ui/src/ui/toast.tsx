import { CircleAlert, CircleCheck, X } from 'lucide-react';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { words } from '../words/words';

type Ways = {
  /** The way back, open as long as the toast is seen. */
  undo?: () => void;
  /** What waits until the way back has closed. */
  onClosed?: () => void;
};

type Toast = Ways & { id: number; tone: 'good' | 'danger'; text: string };

/** How long a toast is seen after it was last pointed at or in focus. */
const SHOWN_MS = { good: 5_000, danger: 12_000, undo: 12_000 };

/** So many are seen at once; those with a way back stay beside them. */
const SEEN_MAX = 3;

let toasts: Toast[] = [];
let lastId = 0;
const listeners = new Set<() => void>();

function change(next: Toast[]) {
  toasts = next;
  for (const notify of listeners) notify();
}

const remove = (id: number) => change(toasts.filter(toast => toast.id !== id));

function close(toast: Toast) {
  remove(toast.id);
  toast.onClosed?.();
}

/** Says in passing what has just happened, with the way back where there is one. What a person must decide belongs into a dialog. */
export function say(text: string, tone: Toast['tone'] = 'good', ways: Ways = {}): void {
  lastId += 1;
  const newest = toasts.slice(1 - SEEN_MAX);
  change([
    ...toasts.filter(toast => toast.undo || newest.includes(toast)),
    { id: lastId, tone, text, ...ways },
  ]);
}

function takeBack(toast: Toast) {
  remove(toast.id);
  toast.undo?.();
}

/** Control and Z take back what the newest toast offers to, except where one types. */
function onKey(event: KeyboardEvent) {
  if (event.key.toLowerCase() !== 'z' || !(event.ctrlKey || event.metaKey) || event.shiftKey)
    return;
  const { target } = event;
  if (target instanceof Element && target.closest('input, textarea, [contenteditable]')) return;
  const toast = toasts.findLast(({ undo }) => undo);
  if (!toast) return;
  event.preventDefault();
  takeBack(toast);
}

const subscribe = (notify: () => void) => {
  listeners.add(notify);
  return () => listeners.delete(notify);
};

export function Toasts() {
  const shown = useSyncExternalStore(subscribe, () => toasts);
  useEffect(() => {
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
  return (
    <div
      role="status"
      // Over dialogs, too, which make everything else unreachable.
      data-react-aria-top-layer="true"
      className="pointer-events-none fixed inset-x-3 bottom-3 z-50 grid justify-items-center gap-2 sm:inset-x-auto sm:right-5 sm:bottom-5 sm:justify-items-end"
    >
      {shown.map(toast => (
        <ToastCard key={toast.id} toast={toast} />
      ))}
    </div>
  );
}

/** It goes by itself, but not from under the pointer, nor while the keyboard is in it. */
function ToastCard({ toast }: { toast: Toast }) {
  const [isPointedAt, setPointedAt] = useState(false);
  const [hasFocus, setFocus] = useState(false);
  const isHeld = isPointedAt || hasFocus;
  useEffect(() => {
    if (isHeld) return;
    const timer = setTimeout(() => close(toast), SHOWN_MS[toast.undo ? 'undo' : toast.tone]);
    return () => clearTimeout(timer);
  }, [isHeld, toast]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: there is nothing to do here, only time to do it
    <div
      className="pointer-events-auto flex max-w-md animate-appear items-start gap-3 rounded-xl border border-line bg-surface py-3 pr-2 pl-4 shadow-float"
      onPointerEnter={() => setPointedAt(true)}
      onPointerLeave={() => setPointedAt(false)}
      onFocus={() => setFocus(true)}
      onBlur={() => setFocus(false)}
    >
      {toast.tone === 'good' ? (
        <CircleCheck aria-hidden className="mt-0.5 size-5 shrink-0 text-good" />
      ) : (
        <CircleAlert aria-hidden className="mt-0.5 size-5 shrink-0 text-danger" />
      )}
      <p className="min-w-0 break-words">{toast.text}</p>
      {toast.undo && (
        <button
          type="button"
          className="rounded-md px-2 font-semibold text-accent hover:underline"
          aria-keyshortcuts="Control+Z"
          onClick={() => takeBack(toast)}
        >
          {words().undo}
        </button>
      )}
      <button
        type="button"
        aria-label={words().dismiss}
        className="rounded-md p-1 text-ink-faint hover:text-ink"
        onClick={() => close(toast)}
      >
        <X aria-hidden className="size-4" />
      </button>
    </div>
  );
}
