import { queryOptions } from '@tanstack/react-query';
import { answer } from '../../api/client';
import { adminApi } from '../session/recovery';

/** So many and one more are asked for: who has more of them does not need the number. */
export const COUNTED_MOST = 51;

/** Letters and posts that were given up. */
export const deadCountQuery = queryOptions({
  queryKey: ['admin', 'outbox', 'dead-count'],
  queryFn: async ({ signal }) => {
    const query = { state: 'dead' as const, limit: COUNTED_MOST };
    return (await answer(adminApi.GET('/api/v1/outbox', { params: { query }, signal }))).data.items
      .length;
  },
  staleTime: 0,
});

export const newLeadsQuery = queryOptions({
  queryKey: ['admin', 'leads', 'new-count'],
  queryFn: async ({ signal }) => {
    const query = { state: 'new' as const, limit: COUNTED_MOST };
    return (await answer(adminApi.GET('/api/v1/admin/leads', { params: { query }, signal }))).data
      .items.length;
  },
  staleTime: 0,
});
