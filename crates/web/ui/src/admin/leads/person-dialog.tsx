import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { fieldProblems } from '../../api/problem-places';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { TextField } from '../../ui/field';
import { ErrorNotice } from '../../ui/notice';
import { words } from '../words/words';
import { HeldData } from './held-data';
import { personQuery } from './queries';

type Props = { onShowLead: (id: string) => void; onClose: () => void };

/** For people who ask what is held about them: how much there is, as a file for them, and the way to erase it. */
export function PersonDialog({ onShowLead, onClose }: Props) {
  const said = words().leads.person;
  const [typed, setTyped] = useState('');
  const [asked, setAsked] = useState<string | null>(null);
  const held = useQuery(personQuery(asked));
  const email = typed.trim();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (email === '' || held.isFetching) return;
    if (asked === email) void held.refetch();
    else setAsked(email);
  };
  const problem = fieldProblems(held.error, ['email']).fields[0]?.detail;
  return (
    <Dialog isOpen title={said.title} onClose={onClose}>
      <form onSubmit={submit} noValidate className="grid gap-4">
        <p>{said.about}</p>
        {held.isError && !problem && <ErrorNotice error={held.error} />}
        <TextField
          label={said.email}
          type="email"
          maxLength={254}
          autoComplete="off"
          autoFocus
          error={problem}
          value={typed}
          onChange={event => {
            setTyped(event.target.value);
            setAsked(null);
          }}
        />
        {!held.data && (
          <Button type="submit" tone="primary" isDisabled={email === '' || held.isFetching}>
            {held.isFetching ? said.looking : said.look}
          </Button>
        )}
      </form>
      {asked !== null && held.data && (
        <HeldData email={asked} held={held.data} onShowLead={onShowLead} onErased={onClose} />
      )}
    </Dialog>
  );
}
