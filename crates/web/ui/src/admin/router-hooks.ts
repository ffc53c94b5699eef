import { useEffect, useRef } from 'react';
import { useLocation, useNavigationType } from 'react-router';

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

/** A followed link starts at the top. Going back is left to the browser, which remembers the place. */
export function useScrollToTop(): void {
  const { pathname, hash } = useLocation();
  const type = useNavigationType();
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs once for each path
  useEffect(() => {
    if (type === 'PUSH' && !hash) scrollTo(0, 0);
  }, [pathname]);
}
