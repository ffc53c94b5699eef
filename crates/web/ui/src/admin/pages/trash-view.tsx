import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { buttonClass } from '../../ui/button-class';
import { LoadMore } from '../../ui/load-more';
import { ErrorNotice } from '../../ui/notice';
import { trashQuery } from '../queries';
import { ViewBody, ViewHeader } from '../view-header';
import { words } from '../words/words';
import { PageTableSkeleton } from './page-table';
import { TrashRow } from './trash-row';

/** Deleted pages, and the way back. */
export function TrashView() {
  const said = words().pages;
  const list = useInfiniteQuery(trashQuery);
  const pages = list.data?.pages.flatMap(part => part.items);
  return (
    <ViewBody>
      <ViewHeader title={said.trash}>
        <Link to="/admin/pages" className={buttonClass()}>
          {said.trashed.all_pages}
        </Link>
      </ViewHeader>
      {list.isError && !pages ? (
        <ErrorNotice error={list.error} onRetry={list.refetch} />
      ) : !pages ? (
        <PageTableSkeleton />
      ) : pages.length === 0 ? (
        <div className="rounded-xl border border-dashed border-line-strong px-6 py-14 text-center">
          <p className="font-semibold">{said.trashed.empty}</p>
          <p className="mt-1 text-ink-soft">{said.trashed.empty_text}</p>
        </div>
      ) : (
        <>
          <ul
            aria-label={said.trashed.list}
            className="divide-y divide-line rounded-xl border border-line bg-surface shadow-card"
          >
            {pages.map(page => (
              <TrashRow key={page.id} page={page} />
            ))}
          </ul>
          <LoadMore query={list} />
        </>
      )}
    </ViewBody>
  );
}
