import { useCallback, useEffect, useRef, useState } from 'react';
import { useSearchParams } from 'react-router';
import { useDebounced } from '../ui/hooks';

/**
 * What of a list is shown. It lives in the address, so that Back and links find it again: filters by their names, and
 * what is searched for once the typing rests.
 */
export function usePlace() {
  const [parameters, setParameters] = useSearchParams();
  const told = parameters.get('q') ?? '';
  const [typed, setTyped] = useState(told);
  const q = useDebounced(typed.trim(), 250);
  // The router tells of a change only once it is drawn, and the next one may come before that.
  const latest = useRef(parameters);
  useEffect(() => {
    latest.current = parameters;
  }, [parameters]);
  const set = useCallback(
    (values: Record<string, string>) => {
      latest.current = withValues(latest.current, values);
      setParameters(latest.current, { replace: true });
    },
    [setParameters],
  );
  useEffect(() => {
    if (told !== q) set({ q });
  }, [q, told, set]);
  return {
    parameters,
    typed,
    setTyped,
    q,
    get: (name: string) => parameters.get(name) ?? '',
    /** An empty value takes a filter away. */
    set,
  };
}

export function withValues(
  parameters: URLSearchParams,
  values: Record<string, string>,
): URLSearchParams {
  const next = new URLSearchParams(parameters);
  for (const [name, value] of Object.entries(values)) {
    if (value) next.set(name, value);
    else next.delete(name);
  }
  return next;
}
