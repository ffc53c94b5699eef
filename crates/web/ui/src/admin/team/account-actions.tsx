import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Ban, KeyRound, Trash2, UserCheck } from 'lucide-react';
import { useState } from 'react';
import { answer } from '../../api/client';
import { inOneLine } from '../../api/problem-places';
import type { AccountDetail } from '../../api/types';
import { fill } from '../../i18n/language';
import { Button } from '../../ui/button';
import { say } from '../../ui/toast';
import { AskDialog } from '../ask-dialog';
import { forgetTeam } from '../queries';
import { adminApi } from '../session/recovery';
import { words } from '../words/words';
import { useAccountChange } from './use-account-change';

type Props = { account: AccountDetail; onDeleted: () => void };

/** A new link, out for a while, or gone. */
export function AccountActions({ account, onDeleted }: Props) {
  const said = words().team;
  const [asking, setAsking] = useState(false);
  const change = useAccountChange(account);
  const isDisabled = account.state === 'disabled';
  const turn = () =>
    change.mutate(
      { disabled: !isDisabled },
      {
        onSuccess: () =>
          say(fill(isDisabled ? said.enabled : said.shut_out, { name: account.name })),
        onError: error => say(inOneLine(error), 'danger'),
      },
    );
  return (
    <div className="flex flex-wrap gap-2 border-t border-line pt-5">
      {!isDisabled && <LinkButton account={account} />}
      <Button isDisabled={change.isPending} onPress={turn}>
        {isDisabled ? <UserCheck aria-hidden /> : <Ban aria-hidden />}{' '}
        {isDisabled ? said.enable : said.disable}
      </Button>
      <Button tone="danger" onPress={() => setAsking(true)}>
        <Trash2 aria-hidden /> {said.delete}
      </Button>
      {asking && (
        <DeleteDialog account={account} onDeleted={onDeleted} onClose={() => setAsking(false)} />
      )}
    </div>
  );
}

function LinkButton({ account: { id, email } }: { account: AccountDetail }) {
  const said = words().team;
  const link = useMutation({
    mutationFn: () =>
      answer(adminApi.POST('/api/v1/admin/accounts/{id}/link', { params: { path: { id } } })),
    onSuccess: () => say(fill(said.link_sent, { email })),
    onError: error => say(inOneLine(error), 'danger'),
  });
  return (
    <Button isDisabled={link.isPending} onPress={() => link.mutate()}>
      <KeyRound aria-hidden /> {said.send_link}
    </Button>
  );
}

function DeleteDialog({ account, onDeleted, onClose }: Props & { onClose: () => void }) {
  const said = words().team;
  const queries = useQueryClient();
  const { id, name, revision } = account;
  const params = { path: { id }, header: { 'If-Match': `"${revision}"` } };
  return (
    <AskDialog
      title={fill(said.delete_title, { name })}
      button={said.delete}
      work={() => answer(adminApi.DELETE('/api/v1/admin/accounts/{id}', { params }))}
      onDone={() => {
        say(fill(said.deleted, { name }));
        onDeleted();
      }}
      onSettled={() => forgetTeam(queries)}
      onClose={onClose}
    >
      {said.delete_text}
    </AskDialog>
  );
}
