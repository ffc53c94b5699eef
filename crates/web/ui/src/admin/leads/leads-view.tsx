import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Lead } from '../../api/types';
import { Choice } from '../../ui/choice';
import { formatAgo, formatDateTime } from '../../ui/format';
import { useDebounced } from '../../ui/hooks';
import { LoadMore } from '../../ui/load-more';
import { ErrorNotice } from '../../ui/notice';
import { SearchBox } from '../../ui/search-box';
import { Bone, Loading } from '../../ui/skeleton';
import { type LeadFilter, leadsQuery } from '../queries';
import { ViewBody, ViewHeader } from '../view-header';
import { LeadDialog } from './lead-dialog';
import { LEAD_STATES } from './lead-states';

const STATES: { value: LeadFilter['state']; label: string }[] = [
  { value: 'all', label: 'All' },
  { value: 'new', label: 'New' },
  { value: 'in-work', label: 'In work' },
  { value: 'done', label: 'Done' },
];

/** What visitors sent. */
export function LeadsView() {
  const [typed, setTyped] = useState('');
  const [state, setState] = useState<LeadFilter['state']>('all');
  const [shown, setShown] = useState<Lead | null>(null);
  const q = useDebounced(typed.trim(), 250);
  const list = useInfiniteQuery(leadsQuery({ q, state }));
  const leads = list.data?.pages.flatMap(part => part.items);
  return (
    <ViewBody>
      <ViewHeader title="Leads" />
      <div className="mb-4 flex flex-wrap items-center gap-3">
        <SearchBox label="Search answers" value={typed} onChange={setTyped} />
        <Choice label="Show" options={STATES} value={state} onChange={setState} />
      </div>
      {list.isError && !leads ? (
        <ErrorNotice error={list.error} onRetry={list.refetch} />
      ) : !leads ? (
        <Loading what="the leads">
          <Bone className="h-40 rounded-xl" />
        </Loading>
      ) : leads.length === 0 ? (
        <div className="rounded-xl border border-dashed border-line-strong px-6 py-14 text-center">
          <p className="font-semibold">
            {q || state !== 'all' ? 'No lead matches' : 'No leads yet'}
          </p>
          <p className="mt-1 text-ink-soft">
            {q || state !== 'all'
              ? 'Try another word, or show all.'
              : 'What visitors send through forms is shown here.'}
          </p>
        </div>
      ) : (
        <>
          <ul
            aria-label="Leads"
            className="divide-y divide-line overflow-hidden rounded-xl border border-line bg-surface shadow-card"
          >
            {leads.map(lead => (
              <Row key={lead.id} lead={lead} onShow={() => setShown(lead)} />
            ))}
          </ul>
          <LoadMore query={list} />
        </>
      )}
      {shown && <LeadDialog key={shown.id} lead={shown} onClose={() => setShown(null)} />}
    </ViewBody>
  );
}

function Row({ lead, onShow }: { lead: Lead; onShow: () => void }) {
  const { word, tone } = LEAD_STATES[lead.state];
  return (
    <li className="relative flex items-center gap-4 px-4 py-3.5 hover:bg-sunken md:px-5">
      <div className="min-w-0 flex-1">
        <button
          type="button"
          onClick={onShow}
          className="block w-full cursor-pointer truncate text-left font-medium after:absolute after:inset-0 after:content-['']"
        >
          {lead.email ?? lead.answers[0]?.value ?? 'No answer'}
        </button>
        <p className="truncate text-sm text-ink-faint">
          {lead.form},{' '}
          <time dateTime={lead.created_at} title={formatDateTime(lead.created_at)}>
            {formatAgo(lead.created_at)}
          </time>
        </p>
      </div>
      <span
        className={`rounded-full px-2.5 py-0.5 text-xs font-semibold whitespace-nowrap ${tone}`}
      >
        {word}
      </span>
    </li>
  );
}
