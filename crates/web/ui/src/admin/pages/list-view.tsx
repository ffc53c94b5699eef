import { useInfiniteQuery } from '@tanstack/react-query';
import { Plus, Trash2 } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import { buttonClass } from '../../ui/button-class';
import { Choice } from '../../ui/choice';
import { useDebounced } from '../../ui/hooks';
import { LoadMore } from '../../ui/load-more';
import { ErrorNotice } from '../../ui/notice';
import { SearchBox } from '../../ui/search-box';
import { useChosen } from '../bulk/use-chosen';
import { type PageFilter, pagesQuery } from '../queries';
import { useMay } from '../session/use-may';
import { ViewBody, ViewHeader } from '../view-header';
import { words } from '../words/words';
import { PageBulkBar } from './bulk-bar';
import { PageTable, PageTableSkeleton } from './page-table';
import { useBulk } from './use-bulk';

const STATUSES = ['all', 'published', 'draft'] as const;

export function ListView() {
  const said = words().pages;
  const { typed, setTyped, filter, setStatus } = useFilter();
  const list = useInfiniteQuery(pagesQuery(filter));
  const pages = list.data?.pages.flatMap(part => part.items);
  const mayWrite = useMay('editor');
  const { ids, choose, chooseNone } = useChosen();
  const bulk = useBulk();
  const chosen = pages?.filter(page => ids.has(page.id)) ?? [];
  const narrowed = filter.q !== '' || filter.status !== 'all';
  return (
    <ViewBody>
      <ViewHeader title={said.title}>
        <Link to="/admin/trash" className={buttonClass()}>
          <Trash2 aria-hidden /> {said.trash}
        </Link>
        {mayWrite && (
          <Link to="/admin/pages/new" className={buttonClass('primary')}>
            <Plus aria-hidden /> {said.new}
          </Link>
        )}
      </ViewHeader>
      <div className="mb-4 flex flex-wrap items-center gap-3">
        <SearchBox label={said.search} value={typed} onChange={setTyped} />
        <Choice
          label={said.show}
          options={STATUSES.map(value => ({ value, label: said.filters[value] }))}
          value={filter.status}
          onChange={setStatus}
        />
      </div>
      {list.isError && !pages ? (
        <ErrorNotice error={list.error} onRetry={list.refetch} />
      ) : !pages ? (
        <PageTableSkeleton />
      ) : pages.length === 0 ? (
        <Empty narrowed={narrowed} />
      ) : (
        <div className={list.isPlaceholderData ? 'opacity-60 transition-opacity' : ''}>
          <PageTable
            pages={pages}
            choosing={mayWrite ? { chosen: ids, onChoose: choose } : undefined}
          />
          <LoadMore query={list} />
          {chosen.length > 0 && (
            <PageBulkBar
              pages={chosen}
              running={bulk.isPending}
              onDeed={deed => bulk.mutate({ deed, pages: chosen }, { onSuccess: chooseNone })}
              onClear={chooseNone}
            />
          )}
        </div>
      )}
    </ViewBody>
  );
}

/** The filter lives in the address, so that Back from the editor finds it again. */
function useFilter() {
  const [parameters, setParameters] = useSearchParams();
  const asked = parameters.get('status');
  const status = STATUSES.find(one => one === asked) ?? 'all';
  const [typed, setTyped] = useState(parameters.get('q') ?? '');
  const q = useDebounced(typed.trim(), 250);

  useEffect(() => {
    setParameters(before => change(before, 'q', q), { replace: true });
  }, [q, setParameters]);

  const setStatus = (next: PageFilter['status']) =>
    setParameters(before => change(before, 'status', next === 'all' ? '' : next), {
      replace: true,
    });
  return { typed, setTyped, setStatus, filter: { q, status } };
}

function change(parameters: URLSearchParams, name: string, value: string): URLSearchParams {
  const next = new URLSearchParams(parameters);
  if (value) next.set(name, value);
  else next.delete(name);
  return next;
}

function Empty({ narrowed }: { narrowed: boolean }) {
  const said = words().pages;
  return (
    <div className="rounded-xl border border-dashed border-line-strong px-6 py-14 text-center">
      <p className="font-semibold">{narrowed ? said.nothing_matches : said.nothing}</p>
      <p className="mt-1 text-ink-soft">
        {narrowed ? said.nothing_matches_text : said.nothing_text}
      </p>
    </div>
  );
}
