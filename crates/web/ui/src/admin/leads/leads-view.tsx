import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Download, UserSearch } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useSearchParams } from 'react-router';
import type { Lead } from '../../api/types';
import { Button } from '../../ui/button';
import { buttonClass } from '../../ui/button-class';
import { Choice } from '../../ui/choice';
import { INPUT } from '../../ui/field';
import { formatAgo, formatDateTime } from '../../ui/format';
import { useDebounced } from '../../ui/hooks';
import { LoadMore } from '../../ui/load-more';
import { ErrorNotice } from '../../ui/notice';
import { SearchBox } from '../../ui/search-box';
import { Bone, Loading } from '../../ui/skeleton';
import { formsQuery } from '../queries';
import { useMay } from '../session/use-may';
import { ViewBody, ViewHeader } from '../view-header';
import { words } from '../words/words';
import { LeadDialog } from './lead-dialog';
import { LEAD_TONES } from './lead-states';
import { PersonDialog } from './person-dialog';
import { leadQuery, leadsQuery } from './queries';

const STATES = ['all', 'unconfirmed', 'new', 'in-work', 'done'] as const;

/** What visitors sent. What is shown of it is in the address, so that others can be led there. */
export function LeadsView() {
  const said = words().leads;
  const [place, setPlace] = useSearchParams();
  const change = (values: Record<string, string>) =>
    setPlace(
      before => {
        const next = new URLSearchParams(before);
        for (const [name, value] of Object.entries(values)) {
          if (value) next.set(name, value);
          else next.delete(name);
        }
        return next;
      },
      { replace: true },
    );
  const [typed, setTyped] = useState(place.get('q') ?? '');
  const state = STATES.find(one => one === place.get('state')) ?? 'all';
  const form = place.get('form') ?? '';
  const q = useDebounced(typed.trim(), 250);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each search
  useEffect(() => change({ q }), [q]);
  const isAdmin = useMay('admin');
  const [asksAboutPerson, setAsksAboutPerson] = useState(false);
  const { data: forms } = useQuery(formsQuery);
  const list = useInfiniteQuery(leadsQuery({ q, state, form }));
  const leads = list.data?.pages.flatMap(part => part.items);
  const { data: shown } = useQuery(leadQuery(place.get('lead')));
  const isNarrowed = q !== '' || state !== 'all' || form !== '';
  return (
    <ViewBody>
      <ViewHeader title={said.title}>
        {isAdmin && (
          <Button onPress={() => setAsksAboutPerson(true)}>
            <UserSearch aria-hidden /> {said.person.title}
          </Button>
        )}
        {isAdmin && form && (
          <a
            className={buttonClass()}
            href={`/api/v1/admin/leads.csv?form=${encodeURIComponent(form)}`}
            download
          >
            <Download aria-hidden /> {said.export}
          </a>
        )}
      </ViewHeader>
      <div className="mb-4 flex flex-wrap items-center gap-3">
        <SearchBox label={said.search} value={typed} onChange={setTyped} />
        {forms && forms.length > 1 && (
          <select
            aria-label={said.form}
            value={form}
            onChange={event => change({ form: event.target.value })}
            className={`${INPUT} h-10 max-w-52 sm:w-auto`}
          >
            <option value="">{said.all_forms}</option>
            {forms.map(({ id, title }) => (
              <option key={id} value={id}>
                {title}
              </option>
            ))}
          </select>
        )}
        <Choice
          label={said.show}
          className="flex-wrap"
          options={STATES.map(value => ({
            value,
            label: value === 'all' ? said.all : said.states[value],
          }))}
          value={state}
          onChange={value => change({ state: value === 'all' ? '' : value })}
        />
      </div>
      {list.isError && !leads ? (
        <ErrorNotice error={list.error} onRetry={list.refetch} />
      ) : !leads ? (
        <Loading what={said.the_leads}>
          <Bone className="h-40 rounded-xl" />
        </Loading>
      ) : leads.length === 0 ? (
        <div className="rounded-xl border border-dashed border-line-strong px-6 py-14 text-center">
          <p className="font-semibold">{isNarrowed ? said.nothing_matches : said.nothing}</p>
          <p className="mt-1 text-ink-soft">
            {isNarrowed ? said.nothing_matches_text : said.nothing_text}
          </p>
        </div>
      ) : (
        <>
          <ul
            aria-label={said.title}
            className="divide-y divide-line overflow-hidden rounded-xl border border-line bg-surface shadow-card"
          >
            {leads.map(lead => (
              <Row key={lead.id} lead={lead} onShow={() => change({ lead: lead.id })} />
            ))}
          </ul>
          <LoadMore query={list} />
        </>
      )}
      {asksAboutPerson && (
        <PersonDialog
          onShowLead={lead => change({ lead })}
          onClose={() => setAsksAboutPerson(false)}
        />
      )}
      {shown && <LeadDialog key={shown.id} lead={shown} onClose={() => change({ lead: '' })} />}
    </ViewBody>
  );
}

function Row({ lead, onShow }: { lead: Lead; onShow: () => void }) {
  const said = words().leads;
  return (
    <li className="relative flex items-center gap-4 px-4 py-3.5 hover:bg-sunken md:px-5">
      <div className="min-w-0 flex-1">
        <button
          type="button"
          onClick={onShow}
          className="block w-full cursor-pointer truncate text-left font-medium after:absolute after:inset-0 after:content-['']"
        >
          {lead.email ?? lead.answers[0]?.value ?? said.no_answer}
        </button>
        <p className="truncate text-sm text-ink-faint">
          {lead.form},{' '}
          <time dateTime={lead.created_at} title={formatDateTime(lead.created_at)}>
            {formatAgo(lead.created_at)}
          </time>
        </p>
      </div>
      <span
        className={`rounded-full px-2.5 py-0.5 text-xs font-semibold whitespace-nowrap ${LEAD_TONES[lead.state]}`}
      >
        {said.states[lead.state]}
      </span>
    </li>
  );
}
