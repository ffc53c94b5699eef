import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { answer } from '../../api/client';
import { inOneLine } from '../../api/problem-places';
import type { Media } from '../../api/types';
import { counted, fill } from '../../i18n/language';
import { say } from '../../ui/toast';
import { forgetMedia } from '../queries';
import { adminApi } from '../session/recovery';
import { words } from '../words/words';

/*
 * The library has no trash: what is deleted is gone. So a file is out of sight at once, and deleted when the way back
 * has closed, or when the window is.
 */
let doomed: ReadonlyMap<string, Deletion> = new Map();
const listeners = new Set<() => void>();

/** Files that were deleted together: a file that was wanted again may be deleted once more, by another one. */
type Deletion = readonly Media[];

function change(ids: string[], deletion?: Deletion) {
  const next = new Map(doomed);
  for (const id of ids) {
    if (deletion) next.set(id, deletion);
    else next.delete(id);
  }
  doomed = next;
  for (const notify of listeners) notify();
}

/** Files that are out of sight. */
export function useDoomed(): { has: (id: string) => boolean } {
  return useSyncExternalStore(
    notify => {
      listeners.add(notify);
      return () => listeners.delete(notify);
    },
    () => doomed,
  );
}

/** Somebody wants it again: it stays. */
export const keepAfterAll = (...ids: string[]): void => {
  if (ids.some(id => doomed.has(id))) change(ids);
};

/** Deletes files, with a way back instead of a question; `kept` others were chosen, too, and are shown somewhere. */
export function useDeletion(): (files: Media[], kept?: number) => void {
  const queries = useQueryClient();
  return (files, kept = 0) => {
    const ids = files.map(({ id }) => id);
    change(ids, files);
    const said = words().library;
    const [only, ...more] = files;
    const done =
      only && more.length === 0
        ? fill(said.deleted, { name: only.name })
        : counted(said.deleted_files, files.length);
    const left = kept > 0 ? ` ${counted(said.kept_files, kept)}` : '';
    say(done + left, 'good', {
      undo: () => keepAfterAll(...ids),
      onClosed: () => void carryOut(files, queries),
    });
  };
}

/** Between the requests for two of many files: all at once would be a flood. */
const APART_MS = 50;

async function carryOut(deletion: Deletion, queries: QueryClient): Promise<void> {
  const gone: string[] = [];
  for (const { id, name } of deletion) {
    if (doomed.get(id) !== deletion) continue;
    try {
      await answer(adminApi.DELETE('/api/v1/admin/media/{id}', { params: { path: { id } } }));
      gone.push(id);
      await new Promise(resolve => setTimeout(resolve, APART_MS));
    } catch (error) {
      say(fill(words().library.not_deleted, { name, why: inOneLine(error) }), 'danger');
      change([id]);
    }
  }
  await queries.invalidateQueries({ queryKey: ['admin', 'media'] });
  change(gone);
  forgetMedia(queries);
}

window.addEventListener('pagehide', () => {
  for (const id of doomed.keys()) {
    void fetch(`/api/v1/admin/media/${id}`, { method: 'DELETE', keepalive: true });
  }
  change([...doomed.keys()]);
});
