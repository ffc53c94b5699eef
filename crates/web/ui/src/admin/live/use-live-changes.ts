import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { LiveKind } from '../../api/types';

const PATH = '/api/v1/admin/events';

/** Which lists show what has changed, by the beginnings of their query keys. */
const LISTS: Record<LiveKind, string[][]> = {
  pages: [
    ['admin', 'pages'],
    ['admin', 'revisions'],
    // They show the titles of pages.
    ['admin', 'menus'],
    ['admin', 'overview'],
  ],
  media: [
    ['admin', 'media'],
    ['admin', 'overview'],
  ],
  forms: [['admin', 'forms']],
  leads: [['admin', 'leads']],
  outbox: [['admin', 'outbox']],
  accounts: [['admin', 'team'], ['admin', 'own'], ['account']],
  audit: [['admin', 'audit']],
  settings: [['admin', 'settings'], ['site']],
  health: [
    ['admin', 'features'],
    ['admin', 'operations', 'health'],
  ],
};

const RETRY_MS = { first: 2_000, last: 60_000 };

/**
 * Fetches what is shown again when the server says that it has changed, for as long as the view lives. Only while the
 * window is seen: a browser has few connections to one server, and a window that comes back fetches anyway.
 */
export function useLiveChanges(): void {
  const queries = useQueryClient();
  useEffect(() => {
    const follow = () => (document.hidden ? () => {} : listen(queries));
    let stop = follow();
    const onVisibility = () => {
      stop();
      stop = follow();
    };
    document.addEventListener('visibilitychange', onVisibility);
    return () => {
      document.removeEventListener('visibilitychange', onVisibility);
      stop();
    };
  }, [queries]);
}

/**
 * The browser connects again by itself after a break, and tells the server what it heard last. Where it gives up,
 * because the server refused or ended the stream, this begins anew, later each time.
 */
function listen(queries: QueryClient): () => void {
  let source: EventSource;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let waitMs = RETRY_MS.first;
  let missed = false;

  const again = () => {
    source.close();
    missed = true;
    timer = setTimeout(connect, waitMs);
    waitMs = Math.min(waitMs * 2, RETRY_MS.last);
  };
  const connect = () => {
    source = new EventSource(PATH);
    source.addEventListener('change', event => {
      waitMs = RETRY_MS.first;
      if (missed) forget(queries, Object.keys(LISTS));
      missed = false;
      forget(queries, kindsIn(event.data));
    });
    // The session is over, the role is another one, or the server stops: who is signed in is asked before all else.
    source.addEventListener('end', () => {
      void queries.invalidateQueries({ queryKey: ['account'] });
      again();
    });
    source.addEventListener('error', () => {
      if (source.readyState === EventSource.CLOSED) again();
    });
  };

  connect();
  return () => {
    clearTimeout(timer);
    source.close();
  };
}

function forget(queries: QueryClient, kinds: string[]): void {
  const lists = kinds.flatMap(kind => (kind in LISTS ? LISTS[kind as LiveKind] : []));
  const keys = new Map(lists.map(queryKey => [queryKey.join(' '), queryKey]));
  for (const queryKey of keys.values()) void queries.invalidateQueries({ queryKey });
}

function kindsIn(data: string): string[] {
  try {
    const { kinds } = JSON.parse(data) as { kinds?: unknown };
    return Array.isArray(kinds) ? kinds.filter(kind => typeof kind === 'string') : [];
  } catch {
    return [];
  }
}
