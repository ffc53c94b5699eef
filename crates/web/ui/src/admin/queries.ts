import {
  infiniteQueryOptions,
  keepPreviousData,
  type QueryClient,
  queryOptions,
  skipToken,
} from '@tanstack/react-query';
import { answer, api } from '../api/client';
import type { OutboxState, PageStatus, SocialNetwork } from '../api/types';
import { adminApi } from './session/recovery';

export const overviewQuery = queryOptions({
  queryKey: ['admin', 'overview'],
  queryFn: async ({ signal }) =>
    (await answer(adminApi.GET('/api/v1/admin/overview', { signal }))).data,
  staleTime: 0,
});

/** Asked again and again: a disk fills while somebody writes. */
export const featuresQuery = queryOptions({
  queryKey: ['admin', 'features'],
  queryFn: async ({ signal }) => (await answer(api.GET('/health/features', { signal }))).data,
  staleTime: 0,
  refetchInterval: 30_000,
});

export type PageFilter = {
  q: string;
  /** `changed`: published, with changes that visitors do not see yet. */
  status: PageStatus | 'changed' | 'all';
  tag: string;
  language: string;
  /** Those without a translation into this language. */
  missing: string;
};

export const ALL_PAGES: PageFilter = { q: '', status: 'all', tag: '', language: '', missing: '' };

export const pagesQuery = ({ q, status, tag, language, missing }: PageFilter) =>
  infiniteQueryOptions({
    queryKey: ['admin', 'pages', { q, status, tag, language, missing }],
    queryFn: async ({ signal, pageParam }) => {
      const query = {
        limit: 30,
        ...(q && { q }),
        ...(status === 'changed' ? { has_draft: true } : status !== 'all' && { status }),
        ...(tag && { tag }),
        ...(language && { language }),
        ...(missing && { missing }),
        ...(pageParam && { cursor: pageParam }),
      };
      return (await answer(adminApi.GET('/api/v1/admin/pages', { params: { query }, signal })))
        .data;
    },
    initialPageParam: '',
    getNextPageParam: last => last.next_cursor,
    placeholderData: keepPreviousData,
    staleTime: 0,
  });

export const revisionsQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ['admin', 'revisions', id],
    queryFn: async ({ signal, pageParam }) => {
      const params = {
        path: { id },
        query: { limit: 30, ...(pageParam && { cursor: pageParam }) },
      };
      return (await answer(adminApi.GET('/api/v1/admin/pages/{id}/revisions', { params, signal })))
        .data;
    },
    initialPageParam: '',
    getNextPageParam: last => last.next_cursor,
    staleTime: 0,
  });

/** One state of a page; none where there is none before. */
export const revisionQuery = (id: string, revision: number | null) =>
  queryOptions({
    queryKey: ['admin', 'revisions', id, revision],
    queryFn:
      revision === null
        ? skipToken
        : async ({ signal }) => {
            const params = { path: { id, revision } };
            const path = '/api/v1/admin/pages/{id}/revisions/{revision}';
            return (await answer(adminApi.GET(path, { params, signal }))).data;
          },
    staleTime: 0,
  });

/** What is posted when the page is published; null where nothing is. */
export const announcementQuery = (id: string) =>
  queryOptions({
    queryKey: ['admin', 'announcement', id],
    queryFn: async ({ signal }) => {
      const params = { path: { id } };
      const path = '/api/v1/admin/pages/{id}/announcement';
      return (await answer(adminApi.GET(path, { params, signal }))).data;
    },
    staleTime: 0,
    // A dialog begins with what the server has now.
    gcTime: 0,
  });

export const trashQuery = infiniteQueryOptions({
  queryKey: ['admin', 'pages', 'trash'],
  queryFn: async ({ signal, pageParam }) => {
    const query = { limit: 50, ...(pageParam && { cursor: pageParam }) };
    return (await answer(adminApi.GET('/api/v1/admin/trash', { params: { query }, signal }))).data;
  },
  initialPageParam: '',
  getNextPageParam: last => last.next_cursor,
  staleTime: 0,
});

export type MediaFilter = {
  q: string;
  kind: 'all' | 'picture' | 'video' | 'audio' | 'document';
  tag: string;
  unused: boolean;
};

export const ALL_MEDIA: MediaFilter = { q: '', kind: 'all', tag: '', unused: false };

export const mediaQuery = ({ q, kind, tag, unused }: MediaFilter) =>
  infiniteQueryOptions({
    queryKey: ['admin', 'media', { q, kind, tag, unused }],
    queryFn: async ({ signal, pageParam }) => {
      const query = {
        limit: 40,
        ...(q && { q }),
        ...(kind !== 'all' && { kind }),
        ...(tag && { tag }),
        ...(unused && { unused }),
        ...(pageParam && { cursor: pageParam }),
      };
      return (await answer(adminApi.GET('/api/v1/admin/media', { params: { query }, signal })))
        .data;
    },
    initialPageParam: '',
    getNextPageParam: last => last.next_cursor,
    placeholderData: keepPreviousData,
    staleTime: 0,
  });

export const mediaSummaryQuery = queryOptions({
  queryKey: ['admin', 'media', 'summary'],
  queryFn: async ({ signal }) =>
    (await answer(adminApi.GET('/api/v1/admin/media/summary', { signal }))).data,
  staleTime: 0,
});

/** One file with the pages that show it. */
export const mediaFileQuery = (id: string) =>
  queryOptions({
    queryKey: ['admin', 'media', 'file', id],
    queryFn: async ({ signal }) =>
      (await answer(adminApi.GET('/api/v1/admin/media/{id}', { params: { path: { id } }, signal })))
        .data,
    staleTime: 0,
  });

export type OutboxFilter = { q: string; state: OutboxState | 'all' };

/** Asked again and again: letters are sent while somebody looks. */
export const outboxQuery = ({ q, state }: OutboxFilter) =>
  infiniteQueryOptions({
    queryKey: ['admin', 'outbox', { q, state }],
    queryFn: async ({ signal, pageParam }) => {
      const query = {
        limit: 30,
        ...(q && { q }),
        ...(state !== 'all' && { state }),
        ...(pageParam && { cursor: pageParam }),
      };
      return (await answer(adminApi.GET('/api/v1/outbox', { params: { query }, signal }))).data;
    },
    initialPageParam: '',
    getNextPageParam: last => last.next_cursor,
    placeholderData: keepPreviousData,
    staleTime: 0,
    refetchInterval: 10_000,
  });

/** One letter; none where nothing is chosen. */
export const letterQuery = (id: string | null) =>
  queryOptions({
    queryKey: ['admin', 'outbox', 'letter', id],
    queryFn: id
      ? async ({ signal }) =>
          (await answer(adminApi.GET('/api/v1/outbox/{id}', { params: { path: { id } }, signal })))
            .data
      : skipToken,
    staleTime: 0,
  });

/** Every letter with made-up names; none before it is known in which language. */
export const letterSamplesQuery = (language: string | undefined) =>
  queryOptions({
    queryKey: ['admin', 'letters', language],
    queryFn: language
      ? async ({ signal }) => {
          const params = { query: { language } };
          return (await answer(adminApi.GET('/api/v1/admin/letters', { params, signal }))).data;
        }
      : skipToken,
    staleTime: 0,
  });

export const formsQuery = queryOptions({
  queryKey: ['admin', 'forms'],
  queryFn: async ({ signal }) =>
    (await answer(adminApi.GET('/api/v1/admin/forms', { signal }))).data,
  staleTime: 0,
});

export const formQuery = (id: string) =>
  queryOptions({
    queryKey: ['admin', 'forms', id],
    queryFn: async ({ signal }) => {
      const params = { path: { id } };
      return (await answer(adminApi.GET('/api/v1/admin/forms/{id}', { params, signal }))).data;
    },
    staleTime: 0,
    // An editor begins with what the server has now.
    gcTime: 0,
  });

const NETWORKS: SocialNetwork[] = ['mastodon', 'linkedin', 'x'];

/** Posts of all networks: the outbox is asked for each, from where its part before ended. */
export const postsQuery = infiniteQueryOptions({
  queryKey: ['admin', 'outbox', 'posts'],
  queryFn: async ({ signal, pageParam }) => {
    const asked = NETWORKS.filter(kind => pageParam[kind] !== null);
    const parts = await Promise.all(
      asked.map(async kind => {
        const cursor = pageParam[kind];
        const query = { kind, limit: 20, ...(cursor && { cursor }) };
        const part = await answer(adminApi.GET('/api/v1/outbox', { params: { query }, signal }));
        return [kind, part.data] as const;
      }),
    );
    const next: Record<string, string | null> = { mastodon: null, linkedin: null, x: null };
    for (const [kind, { next_cursor }] of parts) next[kind] = next_cursor ?? null;
    return { items: parts.flatMap(([, { items }]) => items), next };
  },
  initialPageParam: {} as Record<string, string | null>,
  getNextPageParam: last => (Object.values(last.next).some(Boolean) ? last.next : null),
  staleTime: 0,
  refetchInterval: 10_000,
});

export const tagsQuery = queryOptions({
  queryKey: ['admin', 'pages', 'tags'],
  queryFn: async ({ signal }) =>
    (await answer(adminApi.GET('/api/v1/admin/tags', { signal }))).data,
  staleTime: 0,
});

export const menusQuery = queryOptions({
  queryKey: ['admin', 'menus'],
  queryFn: async ({ signal }) =>
    (await answer(adminApi.GET('/api/v1/admin/menus', { signal }))).data,
  staleTime: 0,
});

export const menuQuery = (id: string) =>
  queryOptions({
    queryKey: ['admin', 'menus', id],
    queryFn: async ({ signal }) => {
      const params = { path: { id } };
      return (await answer(adminApi.GET('/api/v1/admin/menus/{id}', { params, signal }))).data;
    },
    staleTime: 0,
    // An editor begins with what the server has now.
    gcTime: 0,
  });

export const teamQuery = queryOptions({
  queryKey: ['admin', 'team'],
  queryFn: async ({ signal }) =>
    (await answer(adminApi.GET('/api/v1/admin/accounts', { signal }))).data,
  staleTime: 0,
});

export const sessionsQuery = queryOptions({
  queryKey: ['admin', 'own', 'sessions'],
  queryFn: async ({ signal }) =>
    (await answer(adminApi.GET('/api/v1/auth/sessions', { signal }))).data,
  staleTime: 0,
});

export const tokensQuery = queryOptions({
  queryKey: ['admin', 'own', 'tokens'],
  queryFn: async ({ signal }) =>
    (await answer(adminApi.GET('/api/v1/auth/tokens', { signal }))).data,
  staleTime: 0,
});

export const passkeysQuery = queryOptions({
  queryKey: ['admin', 'own', 'passkeys'],
  queryFn: async ({ signal }) =>
    (await answer(adminApi.GET('/api/v1/auth/passkeys', { signal }))).data,
  staleTime: 0,
});

/** As the server takes it, for the list and for the table. */
export type AuditFilter = Partial<Record<'q' | 'actor' | 'action' | 'since' | 'until', string>>;

export const auditQuery = (filter: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: ['admin', 'audit', filter],
    queryFn: async ({ signal, pageParam }) => {
      const query = { limit: 50, ...filter, ...(pageParam && { cursor: pageParam }) };
      return (await answer(adminApi.GET('/api/v1/admin/audit', { params: { query }, signal })))
        .data;
    },
    initialPageParam: '',
    getNextPageParam: last => last.next_cursor,
    placeholderData: keepPreviousData,
    staleTime: 0,
  });

export const settingsQuery = queryOptions({
  queryKey: ['admin', 'settings'],
  queryFn: async ({ signal }) =>
    (await answer(adminApi.GET('/api/v1/admin/settings', { signal }))).data,
  staleTime: 0,
});

/** After any change to a page: the lists, the numbers and what visitors see are all out of date. */
export function forgetPages(queries: QueryClient): void {
  void queries.invalidateQueries({ queryKey: ['admin', 'pages'] });
  void queries.invalidateQueries({ queryKey: ['admin', 'revisions'] });
  void queries.invalidateQueries({ queryKey: ['admin', 'overview'] });
  void queries.invalidateQueries({ queryKey: ['public'] });
}

export function forgetMedia(queries: QueryClient): void {
  void queries.invalidateQueries({ queryKey: ['admin', 'media'] });
  void queries.invalidateQueries({ queryKey: ['admin', 'overview'] });
}

export function forgetLeads(queries: QueryClient): void {
  void queries.invalidateQueries({ queryKey: ['admin', 'leads'] });
}

/** Tags are on pages. */
export const forgetTags = forgetPages;

export function forgetMenus(queries: QueryClient): void {
  void queries.invalidateQueries({ queryKey: ['admin', 'menus'] });
}

export function forgetForms(queries: QueryClient): void {
  void queries.invalidateQueries({ queryKey: ['admin', 'forms'] });
}

/** What belongs to the own account. */
export function forgetOwn(queries: QueryClient): void {
  void queries.invalidateQueries({ queryKey: ['admin', 'own'] });
  void queries.invalidateQueries({ queryKey: ['account'] });
}

/** Whoever is signed in belongs to it. */
export function forgetTeam(queries: QueryClient): void {
  void queries.invalidateQueries({ queryKey: ['admin', 'team'] });
  void queries.invalidateQueries({ queryKey: ['account'] });
}

export function forgetOutbox(queries: QueryClient): void {
  void queries.invalidateQueries({ queryKey: ['admin', 'outbox'] });
}

/** Of a page that is public it is in the outbox at once. */
export function forgetAnnouncement(queries: QueryClient, page: string): void {
  void queries.invalidateQueries({ queryKey: ['admin', 'announcement', page] });
  forgetOutbox(queries);
}

/** The name of the site is on every page. */
export function forgetSettings(queries: QueryClient): void {
  void queries.invalidateQueries({ queryKey: ['admin', 'settings'] });
  void queries.invalidateQueries({ queryKey: ['site'] });
}
