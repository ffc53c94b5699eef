import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answer } from '../../api/client';
import { inOneLine } from '../../api/problem-places';
import type { OutboxEntry } from '../../api/types';
import { Button } from '../../ui/button';
import { say } from '../../ui/toast';
import { forgetOutbox } from '../queries';
import { accountQuery, may } from '../session/account';
import { adminApi } from '../session/recovery';
import { words } from '../words/words';

/** What was given up can be taken back as well: nobody is to send it again, and it asks for no attention any more. */
export const canBeTakenBack = ({ state }: OutboxEntry) => state === 'queued' || state === 'dead';

/** For what waits, or was given up. It may leave in this moment: then the server refuses, and the list shows it. */
export function CancelButton({ entry }: { entry: OutboxEntry }) {
  const queries = useQueryClient();
  const { data: account } = useQuery(accountQuery);
  const cancel = useMutation({
    mutationFn: () =>
      answer(adminApi.POST('/api/v1/outbox/{id}/cancel', { params: { path: { id: entry.id } } })),
    onSuccess: () => say(words().outbox.taken_back),
    onError: error => say(inOneLine(error), 'danger'),
    onSettled: () => forgetOutbox(queries),
  });
  if (!may(account?.role, entry.kind === 'mail' ? 'admin' : 'editor')) return null;
  return (
    <Button isDisabled={cancel.isPending} onPress={() => cancel.mutate()}>
      {words().outbox.take_back}
    </Button>
  );
}
