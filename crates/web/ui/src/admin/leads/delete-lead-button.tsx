import { useQueryClient } from '@tanstack/react-query';
import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { answer } from '../../api/client';
import type { Lead } from '../../api/types';
import { Button } from '../../ui/button';
import { say } from '../../ui/toast';
import { AskDialog } from '../ask-dialog';
import { forgetForms, forgetLeads, forgetOutbox } from '../queries';
import { adminApi } from '../session/recovery';
import { words } from '../words/words';

type Props = { lead: Lead; onDeleted: () => void };

/** Deletes a lead with the letters that quote it, and asks before: nobody could write it again. */
export function DeleteLeadButton({ lead, onDeleted }: Props) {
  const said = words().leads;
  const queries = useQueryClient();
  const [asking, setAsking] = useState(false);
  const params = { path: { id: lead.id } };
  return (
    <>
      <Button tone="quiet" className="mr-auto" onPress={() => setAsking(true)}>
        <Trash2 aria-hidden /> {said.delete}
      </Button>
      {asking && (
        <AskDialog
          title={said.delete_title}
          button={said.delete}
          work={() => answer(adminApi.DELETE('/api/v1/admin/leads/{id}', { params }))}
          onDone={() => {
            say(said.deleted);
            onDeleted();
          }}
          onSettled={() => {
            forgetLeads(queries);
            forgetForms(queries);
            forgetOutbox(queries);
          }}
          onClose={() => setAsking(false)}
        >
          {said.delete_text}
        </AskDialog>
      )}
    </>
  );
}
