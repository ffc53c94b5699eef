import { queryOptions, skipToken } from '@tanstack/react-query';
import { answer } from '../../api/client';
import { adminApi } from '../session/recovery';

/** One account with what signs in to it; none where nothing is chosen. */
export const memberQuery = (id: string | null) =>
  queryOptions({
    queryKey: ['admin', 'team', id],
    queryFn: id
      ? async ({ signal }) => {
          const params = { path: { id } };
          return (await answer(adminApi.GET('/api/v1/admin/accounts/{id}', { params, signal })))
            .data;
        }
      : skipToken,
    staleTime: 0,
  });
