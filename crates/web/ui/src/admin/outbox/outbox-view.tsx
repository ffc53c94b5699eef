import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import { buttonClass } from '../../ui/button-class';
import { Choice } from '../../ui/choice';
import { useDebounced } from '../../ui/hooks';
import { LoadMore } from '../../ui/load-more';
import { ErrorNotice } from '../../ui/notice';
import { SearchBox } from '../../ui/search-box';
import { Bone, Loading } from '../../ui/skeleton';
import { outboxQuery } from '../queries';
import { ViewBody, ViewHeader } from '../view-header';
import { words } from '../words/words';
import { LetterDialog } from './letter-dialog';
import { OutboxTable } from './outbox-table';

const STATES = ['all', 'queued', 'sent', 'dead', 'cancelled'] as const;

export function OutboxView() {
  const said = words().outbox;
  const [typed, setTyped] = useState('');
  const [place, setPlace] = useSearchParams();
  const state = STATES.find(one => one === place.get('state')) ?? 'all';
  const [shown, setShown] = useState<string | null>(null);
  const q = useDebounced(typed.trim(), 250);
  const list = useInfiniteQuery(outboxQuery({ q, state }));
  const entries = list.data?.pages.flatMap(part => part.items);

  return (
    <ViewBody>
      <ViewHeader title={said.title}>
        <Link to="/admin/letters" className={buttonClass()}>
          {said.samples.title}
        </Link>
      </ViewHeader>
      <div className="mb-4 flex flex-wrap items-center gap-3">
        <SearchBox label={said.search} value={typed} onChange={setTyped} />
        <Choice
          label={said.show}
          options={STATES.map(value => ({
            value,
            label: value === 'all' ? said.all : said.states[value],
          }))}
          value={state}
          onChange={value => setPlace(value === 'all' ? {} : { state: value }, { replace: true })}
          className="flex-wrap"
        />
      </div>
      {list.isError && !entries ? (
        <ErrorNotice error={list.error} onRetry={list.refetch} />
      ) : !entries ? (
        <Loading what={said.the_outbox}>
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
  const said = words().outbox;
  return (
    <div className="rounded-xl border border-dashed border-line-strong px-6 py-14 text-center">
      <p className="font-semibold">{narrowed ? said.nothing_matches : said.nothing}</p>
      <p className="mt-1 text-ink-soft">
        {narrowed ? said.nothing_matches_text : said.nothing_text}
      </p>
    </div>
  );
}
