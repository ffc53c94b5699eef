import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Choice } from '../../ui/choice';
import { useDebounced } from '../../ui/hooks';
import { LoadMore } from '../../ui/load-more';
import { ErrorNotice } from '../../ui/notice';
import { SearchBox } from '../../ui/search-box';
import { Bone, Loading } from '../../ui/skeleton';
import { type OutboxFilter, outboxQuery } from '../queries';
import { ViewBody, ViewHeader } from '../view-header';
import { LetterDialog } from './letter-dialog';
import { OutboxTable } from './outbox-table';

const STATES: { value: OutboxFilter['state']; label: string }[] = [
  { value: 'all', label: 'All' },
  { value: 'queued', label: 'Waiting' },
  { value: 'sent', label: 'Sent' },
  { value: 'dead', label: 'Given up' },
  { value: 'cancelled', label: 'Taken back' },
];

export function OutboxView() {
  const [typed, setTyped] = useState('');
  const [state, setState] = useState<OutboxFilter['state']>('all');
  const [shown, setShown] = useState<string | null>(null);
  const q = useDebounced(typed.trim(), 250);
  const list = useInfiniteQuery(outboxQuery({ q, state }));
  const entries = list.data?.pages.flatMap(part => part.items);

  return (
    <ViewBody>
      <ViewHeader title="Outbox" />
      <div className="mb-4 flex flex-wrap items-center gap-3">
        <SearchBox label="Search addresses" value={typed} onChange={setTyped} />
        <Choice
          label="Show"
          options={STATES}
          value={state}
          onChange={setState}
          className="flex-wrap"
        />
      </div>
      {list.isError && !entries ? (
        <ErrorNotice error={list.error} onRetry={list.refetch} />
      ) : !entries ? (
        <Loading what="the outbox">
          <Bone className="h-40 rounded-xl" />
        </Loading>
      ) : entries.length === 0 ? (
        <Empty narrowed={q !== '' || state !== 'all'} />
      ) : (
        <div className={list.isPlaceholderData ? 'opacity-60 transition-opacity' : ''}>
          <OutboxTable entries={entries} onShow={setShown} />
          <LoadMore query={list} />
        </div>
      )}
      <LetterDialog id={shown} onClose={() => setShown(null)} />
    </ViewBody>
  );
}

function Empty({ narrowed }: { narrowed: boolean }) {
  return (
    <div className="rounded-xl border border-dashed border-line-strong px-6 py-14 text-center">
      <p className="font-semibold">{narrowed ? 'No letter matches' : 'No letters yet'}</p>
      <p className="mt-1 text-ink-soft">
        {narrowed
          ? 'Try another part of the address, or show all.'
          : 'What the site sends is shown here.'}
      </p>
    </div>
  );
}
