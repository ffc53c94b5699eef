import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { answer } from '../../api/client';
import { inOneLine } from '../../api/problem-places';
import type { OutboxEntry } from '../../api/types';
import { Button } from '../../ui/button';
import { say } from '../../ui/toast';
import { AskDialog } from '../ask-dialog';
import { forgetOutbox } from '../queries';
import { accountQuery, may } from '../session/account';
import { adminApi } from '../session/recovery';
import { words } from '../words/words';

/** What was given up can be taken back as well: nobody is to send it again, and it asks for no attention any more. */
export const canBeTakenBack = ({ state }: OutboxEntry) => state === 'queued' || state === 'dead';

/** For what waits, or was given up, which asks first: it stands beside what sends it again. It may leave in this moment: then the server refuses, and the list shows it. */
export function CancelButton({ entry }: { entry: OutboxEntry }) {
  const queries = useQueryClient();
  const { data: account } = useQuery(accountQuery);
  const takeBack = () =>
    answer(adminApi.POST('/api/v1/outbox/{id}/cancel', { params: { path: { id: entry.id } } }));
  const settled = () => forgetOutbox(queries);
  const cancel = useMutation({
    mutationFn: takeBack,
    onSuccess: () => say(words().outbox.taken_back),
    onError: error => say(inOneLine(error), 'danger'),
    onSettled: settled,
  });
  const [isAsking, ask] = useState(false);
  const said = words().outbox;
  if (!may(account?.role, entry.kind === 'mail' ? 'admin' : 'editor')) return null;
  return (
    <>
      <Button
        isDisabled={cancel.isPending}
        onPress={() => (entry.state === 'dead' ? ask(true) : cancel.mutate())}
      >
        {said.take_back}
      </Button>
      {isAsking && (
        <AskDialog
          title={said.take_back_title}
          button={said.take_back}
          work={takeBack}
          onDone={() => {
            ask(false);
            say(said.taken_back);
          }}
          onSettled={settled}
          onClose={() => ask(false)}
        >
          <p>{said.take_back_text}</p>
        </AskDialog>
      )}
    </>
  );
}
