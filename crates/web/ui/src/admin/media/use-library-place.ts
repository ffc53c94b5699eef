import { useEffect, useState } from 'react';
import { useLocation, useNavigate, useSearchParams } from 'react-router';
import { useDebounced } from '../../ui/hooks';
import type { MediaFilter } from '../queries';

export const KINDS = ['all', 'picture', 'video', 'audio', 'document'] as const;

/** What of the library is shown, and which file is open: both live in the address, so that Back and links find it again. */
export function useLibraryPlace() {
  const [parameters, setParameters] = useSearchParams();
  const navigate = useNavigate();
  const { state } = useLocation();
  const [typed, setTyped] = useState(parameters.get('q') ?? '');
  const q = useDebounced(typed.trim(), 250);
  const told = parameters.get('q') ?? '';

  useEffect(() => {
    if (told !== q) setParameters(before => withValues(before, { q }), { replace: true });
  }, [q, told, setParameters]);

  const asked = parameters.get('kind');
  const filter: MediaFilter = {
    q,
    kind: KINDS.find(one => one === asked) ?? 'all',
    tag: parameters.get('tag') ?? '',
    unused: parameters.get('unused') === 'true',
  };
  const set = (values: Record<string, string>) =>
    setParameters(before => withValues(before, values), { replace: true });

  return {
    typed,
    setTyped,
    filter,
    setKind: (kind: MediaFilter['kind']) => set({ kind: kind === 'all' ? '' : kind }),
    setTag: (tag: string) => set({ tag }),
    setUnused: (unused: boolean) => set({ unused: unused ? 'true' : '' }),
    opened: parameters.get('file'),
    /** The address of the library with this file open. */
    placeOf: (file: string) => ({ search: `?${withValues(parameters, { file })}` }),
    /** Another file in the place of the one that is open. */
    show: (file: string) =>
      navigate({ search: `?${withValues(parameters, { file })}` }, { replace: true, state }),
    /** Back to where it was opened from, so that no step of the history is left over. */
    close: () => {
      if ((state as { opened?: boolean } | null)?.opened) navigate(-1);
      else set({ file: '' });
    },
  };
}

function withValues(parameters: URLSearchParams, values: Record<string, string>): URLSearchParams {
  const next = new URLSearchParams(parameters);
  for (const [name, value] of Object.entries(values)) {
    if (value) next.set(name, value);
    else next.delete(name);
  }
  return next;
}
