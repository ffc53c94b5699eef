import { useEffect, useRef, useState } from 'react';
import { useLocation } from 'react-router';

/** The value as it was when it last stood still for `ms`. */
export function useDebounced<T>(value: T, ms: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}

export function useTitle(...parts: (string | undefined)[]): void {
  const title = parts.filter(Boolean).join(' · ');
  useEffect(() => {
    if (title) document.title = title;
  }, [title]);
}

/**
 * For the element a reader should start from, mostly the main heading: it takes the focus when the view was reached
 * by a click. On the first load the browser's own order is right.
 */
export function useArrivalFocus<E extends HTMLElement>() {
  const ref = useRef<E>(null);
  const { key } = useLocation();
  const arrived = useRef(key !== 'default');
  useEffect(() => {
    if (arrived.current) ref.current?.focus({ preventScroll: true });
  }, []);
  return ref;
}
