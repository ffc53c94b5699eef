import { useInfiniteQuery } from '@tanstack/react-query';
import { Plus, Trash2 } from 'lucide-react';
import { Link } from 'react-router';
import { buttonClass } from '../../ui/button-class';
import { LoadMore } from '../../ui/load-more';
import { ErrorNotice } from '../../ui/notice';
import { useChosen } from '../bulk/use-chosen';
import { pagesQuery } from '../queries';
import { useMay } from '../session/use-may';
import { ViewBody, ViewHeader } from '../view-header';
import { words } from '../words/words';
import { PageBulkBar } from './bulk-bar';
import { PagesFilter, usePagesPlace } from './list-filter';
import { PageTable, PageTableSkeleton } from './page-table';
import { useBulk } from './use-bulk';

export function ListView() {
  const said = words().pages;
  const place = usePagesPlace();
  const { filter } = place;
  const list = useInfiniteQuery(pagesQuery(filter));
  const pages = list.data?.pages.flatMap(part => part.items);
  const mayWrite = useMay('editor');
  const { ids, choose, chooseNone } = useChosen();
  const bulk = useBulk();
  const chosen = pages?.filter(page => ids.has(page.id)) ?? [];
  const { status, ...others } = filter;
  const narrowed = status !== 'all' || Object.values(others).some(value => value !== '');
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
      <PagesFilter place={place} />
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
