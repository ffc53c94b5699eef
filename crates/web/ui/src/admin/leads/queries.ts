import {
  infiniteQueryOptions,
  keepPreviousData,
  queryOptions,
  skipToken,
} from '@tanstack/react-query';
import { answer } from '../../api/client';
import type { LeadState } from '../../api/types';
import { adminApi } from '../session/recovery';

export type LeadFilter = { q: string; state: LeadState | 'all'; form: string };

export const leadsQuery = ({ q, state, form }: LeadFilter) =>
  infiniteQueryOptions({
    queryKey: ['admin', 'leads', { q, state, form }],
    queryFn: async ({ signal, pageParam }) => {
      const query = {
        limit: 30,
        ...(q && { q }),
        ...(state !== 'all' && { state }),
        ...(form && { form }),
        ...(pageParam && { cursor: pageParam }),
      };
      return (await answer(adminApi.GET('/api/v1/admin/leads', { params: { query }, signal })))
        .data;
    },
    initialPageParam: '',
    getNextPageParam: last => last.next_cursor,
    placeholderData: keepPreviousData,
    staleTime: 0,
  });

/** One lead; none where nothing is chosen. */
export const leadQuery = (id: string | null) =>
  queryOptions({
    queryKey: ['admin', 'leads', 'one', id],
    queryFn: id
      ? async ({ signal }) => {
          const params = { path: { id } };
          return (await answer(adminApi.GET('/api/v1/admin/leads/{id}', { params, signal }))).data;
        }
      : skipToken,
    staleTime: 0,
  });

/** How much is held about somebody: what erasing them would take. Of nobody where nobody is asked about. */
export const personQuery = (email: string | null) =>
  queryOptions({
    queryKey: ['admin', 'leads', 'person', email],
    queryFn: email
      ? async ({ signal }) => {
          const body = { email };
          return (await answer(adminApi.POST('/api/v1/admin/people/erase', { body, signal }))).data;
        }
      : skipToken,
    staleTime: 0,
    // It is about somebody who may want to be forgotten.
    gcTime: 0,
  });
