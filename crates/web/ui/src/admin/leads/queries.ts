import { queryOptions, skipToken } from '@tanstack/react-query';
import { answer } from '../../api/client';
import { adminApi } from '../session/recovery';

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
