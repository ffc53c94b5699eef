import { queryOptions, skipToken } from '@tanstack/react-query';
import { answer } from '../../api/client';
import { adminApi } from '../session/recovery';

/* What the operations say. All of it is asked again and again while somebody looks. */

export const healthQuery = queryOptions({
  queryKey: ['admin', 'operations', 'health'],
  queryFn: async ({ signal }) =>
    (await answer(adminApi.GET('/api/v1/admin/operations/health', { signal }))).data,
  staleTime: 0,
  refetchInterval: 10_000,
});

const BACKUPS_MS = { running: 1_500, waiting: 15_000 };

export const backupsQuery = queryOptions({
  queryKey: ['admin', 'operations', 'backups'],
  queryFn: async ({ signal }) =>
    (await answer(adminApi.GET('/api/v1/admin/operations/backups', { signal }))).data,
  staleTime: 0,
  refetchInterval: ({ state }) => BACKUPS_MS[state.data?.daemon.running ? 'running' : 'waiting'],
});

/** What restoring this backup would do; none where nothing is chosen. */
export const restoreQuery = (id: string | null) =>
  queryOptions({
    queryKey: ['admin', 'operations', 'restore', id],
    queryFn: id
      ? async ({ signal }) => {
          const path = '/api/v1/admin/operations/backups/{id}/restore-plan';
          return (await answer(adminApi.GET(path, { params: { path: { id } }, signal }))).data;
        }
      : skipToken,
    staleTime: 0,
  });

export const databaseQuery = queryOptions({
  queryKey: ['admin', 'operations', 'database'],
  queryFn: async ({ signal }) =>
    (await answer(adminApi.GET('/api/v1/admin/operations/database', { signal }))).data,
  staleTime: 0,
  refetchInterval: 10_000,
});

/** It goes out to the site's own address, so not often. */
export const certificateQuery = queryOptions({
  queryKey: ['admin', 'operations', 'certificate'],
  queryFn: async ({ signal }) =>
    (await answer(adminApi.GET('/api/v1/admin/operations/certificate', { signal }))).data,
  staleTime: 60_000,
});

export const logQuery = (problems: boolean) =>
  queryOptions({
    queryKey: ['admin', 'operations', 'log', problems],
    queryFn: async ({ signal }) => {
      const params = { query: { problems } };
      return (await answer(adminApi.GET('/api/v1/admin/operations/log', { params, signal }))).data;
    },
    staleTime: 0,
    refetchInterval: 5_000,
  });

export type Span = 'hour' | 'day';

export const trafficQuery = (span: Span) =>
  queryOptions({
    queryKey: ['admin', 'operations', 'traffic', span],
    queryFn: async ({ signal }) => {
      const params = { query: { span } };
      return (await answer(adminApi.GET('/api/v1/admin/operations/traffic', { params, signal })))
        .data;
    },
    staleTime: 0,
    refetchInterval: 30_000,
  });
