import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { answer } from '../../api/client';
import { isApiError } from '../../api/problem';
import type { Lead, LeadState } from '../../api/types';
import { fill } from '../../i18n/language';
import { Button } from '../../ui/button';
import { Choice } from '../../ui/choice';
import { Dialog } from '../../ui/dialog';
import { INPUT } from '../../ui/field';
import { formatDate } from '../../ui/format';
import { ErrorNotice } from '../../ui/notice';
import { say } from '../../ui/toast';
import { forgetLeads } from '../queries';
import { adminApi } from '../session/recovery';
import { useMay } from '../session/use-may';
import { words } from '../words/words';
import { DeleteLeadButton } from './delete-lead-button';

const STATES = ['new', 'in-work', 'done'] as const;

/** What somebody sent, and where it stands. */
export function LeadDialog({ lead, onClose }: { lead: Lead; onClose: () => void }) {
  const said = words().leads;
  const noteId = useId();
  const queries = useQueryClient();
  const mayDelete = useMay('admin');
  const [state, setState] = useState<LeadState>(lead.state);
  const [note, setNote] = useState(lead.note);
  const save = useMutation({
    mutationFn: () =>
      answer(
        adminApi.PUT('/api/v1/admin/leads/{id}', {
          params: { path: { id: lead.id }, header: { 'If-Match': `"${lead.revision}"` } },
          body: { state, note },
        }),
      ),
    onSuccess: () => {
      say(said.saved);
      onClose();
    },
    onSettled: () => forgetLeads(queries),
  });
  const changed = state !== lead.state || note !== lead.note;
  return (
    <Dialog
      wide
      isOpen
      title={lead.email ?? lead.form}
      onClose={onClose}
      actions={
        <>
          {mayDelete && <DeleteLeadButton lead={lead} onDeleted={onClose} />}
          <Button
            tone="primary"
            isDisabled={!changed || save.isPending}
            onPress={() => save.mutate()}
          >
            {save.isPending ? said.saving : said.save}
          </Button>
        </>
      }
    >
      {save.isError && (
        <div className="mb-4">
          <ErrorNotice error={save.error} />
          {isApiError(save.error, 'precondition-failed') && (
            <p className="mt-2 text-sm">{said.changed_meanwhile}</p>
          )}
        </div>
      )}
      <p className="text-sm text-ink-faint">
        {fill(said.came, {
          form: lead.form,
          date: formatDate(lead.created_at),
          end: formatDate(lead.expires_at),
        })}
      </p>
      <dl className="mt-4 grid gap-4">
        {lead.answers.map(({ name, label, value }) => (
          <div key={name}>
            <dt className="text-sm text-ink-faint">{label}</dt>
            <dd className="break-words whitespace-pre-wrap text-ink">{value}</dd>
          </div>
        ))}
      </dl>
      {lead.state !== 'unconfirmed' && (
        <Choice
          label={said.state}
          className="mt-6"
          options={STATES.map(value => ({ value, label: said.states[value] }))}
          value={state as (typeof STATES)[number]}
          onChange={setState}
        />
      )}
      <label htmlFor={noteId} className="mt-5 mb-1.5 block text-sm font-medium">
        {said.note}
      </label>
      <textarea
        id={noteId}
        rows={3}
        maxLength={5000}
        className={`${INPUT} py-2 text-ink`}
        value={note}
        onChange={event => setNote(event.target.value)}
      />
    </Dialog>
  );
}
