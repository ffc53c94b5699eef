import { useLocation, useNavigate } from 'react-router';
import type { MediaFilter } from '../queries';
import { usePlace, withValues } from '../use-place';

export const KINDS = ['all', 'picture', 'video', 'audio', 'document'] as const;

/** What of the library is shown, and which file is open. */
export function useLibraryPlace() {
  const { parameters, typed, setTyped, q, get, set } = usePlace();
  const navigate = useNavigate();
  const { state } = useLocation();
  const filter: MediaFilter = {
    q,
    kind: KINDS.find(one => one === get('kind')) ?? 'all',
    tag: get('tag'),
    unused: get('unused') === 'true',
  };
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
