import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { answer } from '../../api/client';
import { inOneLine } from '../../api/problem-places';
import type { Media } from '../../api/types';
import { counted, fill } from '../../i18n/language';
import { say, UNDO_MS } from '../../ui/toast';
import { forgetMedia } from '../queries';
import { adminApi } from '../session/recovery';
import { words } from '../words/words';

/*
 * The library has no trash: what is deleted is gone. So a file is out of sight at once, and deleted when the way back
 * has closed, or when the window is.
 */
let doomed: ReadonlyMap<string, ReturnType<typeof setTimeout>> = new Map();
const listeners = new Set<() => void>();

function change(id: string, timer?: ReturnType<typeof setTimeout>) {
  clearTimeout(doomed.get(id));
  const next = new Map(doomed);
  if (timer) next.set(id, timer);
  else next.delete(id);
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
export const keepAfterAll = (id: string): void => {
  if (doomed.has(id)) change(id);
};

/** Between the requests for two of many files: all at once would be a flood. */
const APART_MS = 50;

/** Deletes files, with a way back instead of a question; `kept` others were chosen, too, and are shown somewhere. */
export function useDeletion(): (files: Media[], kept?: number) => void {
  const queries = useQueryClient();
  return (files, kept = 0) => {
    for (const [at, media] of files.entries()) {
      change(
        media.id,
        setTimeout(() => void carryOut(media, queries), UNDO_MS + at * APART_MS),
      );
    }
    const said = words().library;
    const [only, ...more] = files;
    const done =
      only && more.length === 0
        ? fill(said.deleted, { name: only.name })
        : counted(said.deleted_files, files.length);
    const left = kept > 0 ? ` ${counted(said.kept_files, kept)}` : '';
    say(done + left, 'good', {
      undo: () => {
        for (const { id } of files) keepAfterAll(id);
      },
    });
  };
}

async function carryOut({ id, name }: Media, queries: QueryClient): Promise<void> {
  try {
    await answer(adminApi.DELETE('/api/v1/admin/media/{id}', { params: { path: { id } } }));
    await queries.invalidateQueries({ queryKey: ['admin', 'media'] });
  } catch (error) {
    say(fill(words().library.not_deleted, { name, why: inOneLine(error) }), 'danger');
  }
  change(id);
  forgetMedia(queries);
}

window.addEventListener('pagehide', () => {
  for (const id of doomed.keys()) {
    void fetch(`/api/v1/admin/media/${id}`, { method: 'DELETE', keepalive: true });
    change(id);
  }
});
