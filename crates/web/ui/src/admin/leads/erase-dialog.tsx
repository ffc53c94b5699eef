import { useQueryClient } from '@tanstack/react-query';
import { answer } from '../../api/client';
import type { Erased } from '../../api/types';
import { fill } from '../../i18n/language';
import { say } from '../../ui/toast';
import { AskDialog } from '../ask-dialog';
import { forgetLeads, forgetOutbox } from '../queries';
import { adminApi } from '../session/recovery';
import { words } from '../words/words';
import { howMuch } from './how-much';

type Props = { email: string; held: Erased; onErased: () => void; onClose: () => void };

/** Asks before somebody is forgotten, with how much goes. */
export function EraseDialog({ email, held, onErased, onClose }: Props) {
  const said = words().leads.person;
  const queries = useQueryClient();
  const body = { email, confirm: true };
  return (
    <AskDialog
      title={fill(said.erase_title, { email })}
      button={said.erase}
      work={() => answer(adminApi.POST('/api/v1/admin/people/erase', { body }))}
      onDone={() => {
        say(fill(said.erased, { email }));
        onErased();
      }}
      onSettled={() => {
        forgetLeads(queries);
        forgetOutbox(queries);
      }}
      onClose={onClose}
    >
      {fill(said.erase_text, { held: howMuch(held) })}
    </AskDialog>
  );
}
