import { useMutation, useQueryClient } from '@tanstack/react-query';
import { answer } from '../../api/client';
import type { AccountDetail, AccountUpdate } from '../../api/types';
import { forgetTeam } from '../queries';
import { adminApi } from '../session/recovery';
import { memberQuery } from './queries';

/** Changes some of an account, and leaves the rest as it was seen. */
export function useAccountChange({ id, email, name, role, state, revision }: AccountDetail) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (wanted: Partial<AccountUpdate>) => {
      const params = { path: { id }, header: { 'If-Match': `"${revision}"` } };
      const body = { email, name, role, disabled: state === 'disabled', ...wanted };
      return (await answer(adminApi.PUT('/api/v1/admin/accounts/{id}', { params, body }))).data;
    },
    onSuccess: changed =>
      queries.setQueryData(memberQuery(id).queryKey, before => before && { ...before, ...changed }),
    onSettled: () => forgetTeam(queries),
  });
}
