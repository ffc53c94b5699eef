import { QueryClient, queryOptions } from '@tanstack/react-query';
import { answer, api } from './client';
import { ApiError } from './problem';

export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 30_000,
        // An answer in the 400s will be the same the next time; a dropped connection may not.
        retry: (failures, error) =>
          failures < 2 && !(error instanceof ApiError && error.status < 500),
      },
    },
  });
}

export const siteQuery = queryOptions({
  queryKey: ['site'],
  queryFn: async ({ signal }) => (await answer(api.GET('/api/v1/site', { signal }))).data,
  staleTime: Number.POSITIVE_INFINITY,
});
