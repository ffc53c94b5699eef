import { useMutation, useQueryClient } from '@tanstack/react-query';
import { answer } from '../../api/client';
import { isApiError, translated } from '../../api/problem';
import { inOneLine } from '../../api/problem-places';
import { say } from '../../ui/toast';
import { adminApi } from '../session/recovery';
import { words } from '../words/words';
import { backupsQuery } from './queries';

/** Tells backupd to make a backup now. */
export function useStartBackup() {
  const queries = useQueryClient();
  const { mutate, isPending } = useMutation({
    mutationFn: () => answer(adminApi.POST('/api/v1/admin/operations/backups')),
    onSuccess: () => say(words().operations.backups.started),
    // Why nobody makes it is for whoever runs the site, and no failure of this server.
    onError: error =>
      say(
        isApiError(error, 'no-backup-daemon') ? translated(error.detail) : inOneLine(error),
        'danger',
      ),
    onSettled: () => queries.invalidateQueries({ queryKey: backupsQuery.queryKey }),
  });
  return { start: () => mutate(), isStarting: isPending };
}
