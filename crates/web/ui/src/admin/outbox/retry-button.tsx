import { useMutation, useQueryClient } from '@tanstack/react-query';
import { answer } from '../../api/client';
import { inOneLine } from '../../api/problem-places';
import { Button } from '../../ui/button';
import { say } from '../../ui/toast';
import { forgetOutbox } from '../queries';
import { adminApi } from '../session/recovery';
import { useMay } from '../session/use-may';
import { words } from '../words/words';

/** Somebody else may have been faster: then the server refuses, and the list shows why. */
export function RetryButton({ id }: { id: string }) {
  const queries = useQueryClient();
  const mayRetry = useMay('admin');
  const retry = useMutation({
    mutationFn: () =>
      answer(adminApi.POST('/api/v1/outbox/{id}/retry', { params: { path: { id } } })),
    onSuccess: () => say(words().outbox.sent_again),
    onError: error => say(inOneLine(error), 'danger'),
    onSettled: () => forgetOutbox(queries),
  });
  if (!mayRetry) return null;
  return (
    <Button isDisabled={retry.isPending} onPress={() => retry.mutate()}>
      {words().outbox.send_again}
    </Button>
  );
}
