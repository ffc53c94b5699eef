import { useQuery } from '@tanstack/react-query';
import { useId } from 'react';
import { INPUT } from '../../ui/field';
import { SearchBox } from '../../ui/search-box';
import { Select } from '../../ui/select';
import { teamQuery } from '../queries';
import { words } from '../words/words';
import type { AuditPlace } from './use-audit-place';

/** Narrows the log. */
export function AuditFilter({ place }: { place: AuditPlace }) {
  const said = words().audit;
  const { typed, setTyped, actor, action, since, until, set } = place;
  const { data: team } = useQuery(teamQuery);
  const kinds = Object.entries(said.kinds).map(([value, label]) => ({ value, label }));
  // As entries name them.
  const people = team?.map(({ id, email }) => ({ value: id, label: email })) ?? [];
  return (
    <div className="mb-4 flex flex-wrap items-center gap-3">
      <SearchBox label={said.search} value={typed} onChange={setTyped} />
      <Select
        label={said.who}
        value={actor}
        onChange={value => set({ actor: value })}
        options={withAsked(people, actor, said.gone, said.everybody)}
      />
      <Select
        label={said.what}
        value={action}
        onChange={value => set({ action: value })}
        options={withAsked(kinds, action, action, said.everything)}
      />
      <div className="flex flex-wrap gap-3 max-sm:w-full">
        <Day label={said.since} value={since} onChange={value => set({ since: value })} />
        <Day label={said.until} value={until} onChange={value => set({ until: value })} />
      </div>
    </div>
  );
}

type Option = { value: string; label: string };

/** With what the address asks for, where that is none of them: one action alone, or an account that is deleted. */
function withAsked(known: Option[], asked: string, label: string, all: string): Option[] {
  const isKnown = asked === '' || known.some(({ value }) => value === asked);
  return [{ value: '', label: all }, ...(isKnown ? [] : [{ value: asked, label }]), ...known];
}

type DayProps = { label: string; value: string; onChange: (value: string) => void };

function Day({ label, value, onChange }: DayProps) {
  const id = useId();
  return (
    <div className="flex items-center gap-2 max-sm:flex-1">
      <label htmlFor={id} className="text-sm text-ink-soft">
        {label}
      </label>
      <input
        id={id}
        type="date"
        value={value}
        onChange={event => onChange(event.target.value)}
        className={`${INPUT} h-10 w-auto text-[0.9375rem] max-sm:min-w-0 max-sm:flex-1`}
      />
    </div>
  );
}
