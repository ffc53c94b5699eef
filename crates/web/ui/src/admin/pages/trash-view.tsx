import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from 'react-router';
import { answer } from '../../api/client';
import { inOneLine } from '../../api/problem-places';
import type { TrashedPage } from '../../api/types';
import { Button } from '../../ui/button';
import { buttonClass } from '../../ui/button-class';
import { formatAgo, formatDate } from '../../ui/format';
import { LoadMore } from '../../ui/load-more';
import { ErrorNotice } from '../../ui/notice';
import { say } from '../../ui/toast';
import { forgetPages, trashQuery } from '../queries';
import { adminApi } from '../session/recovery';
import { useMay } from '../session/use-may';
import { ViewBody, ViewHeader } from '../view-header';
import { PageTableSkeleton } from './page-table';

/** Deleted pages, and the way back. */
export function TrashView() {
  const list = useInfiniteQuery(trashQuery);
  const pages = list.data?.pages.flatMap(part => part.items);
  return (
    <ViewBody>
      <ViewHeader title="Trash">
        <Link to="/admin/pages" className={buttonClass()}>
          All pages
        </Link>
      </ViewHeader>
      {list.isError && !pages ? (
        <ErrorNotice error={list.error} onRetry={list.refetch} />
      ) : !pages ? (
        <PageTableSkeleton />
      ) : pages.length === 0 ? (
        <div className="rounded-xl border border-dashed border-line-strong px-6 py-14 text-center">
          <p className="font-semibold">The trash is empty</p>
          <p className="mt-1 text-ink-soft">Deleted pages stay here for 30 days.</p>
        </div>
      ) : (
        <>
          <ul
            aria-label="Deleted pages"
            className="divide-y divide-line rounded-xl border border-line bg-surface shadow-card"
          >
            {pages.map(page => (
              <Row key={page.id} page={page} />
            ))}
          </ul>
          <LoadMore query={list} />
        </>
      )}
    </ViewBody>
  );
}

function Row({ page }: { page: TrashedPage }) {
  const queries = useQueryClient();
  const mayWrite = useMay('editor');
  const restore = useMutation({
    mutationFn: () =>
      answer(
        adminApi.POST('/api/v1/admin/trash/{id}/restore', {
          params: { path: { id: page.id } },
          body: {},
        }),
      ),
    onSuccess: () => say(`“${page.title}” is back, as a draft.`),
    onError: error => say(inOneLine(error), 'danger'),
    onSettled: () => forgetPages(queries),
  });
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3.5 md:px-5">
      <div className="min-w-0 flex-1 basis-48">
        <p className="truncate font-medium">{page.title}</p>
        <p className="truncate text-sm text-ink-faint">
          /{page.slug}, deleted {formatAgo(page.deleted_at)}, gone for good on{' '}
          {formatDate(page.gone_at)}
        </p>
      </div>
      {mayWrite && (
        <Button isDisabled={restore.isPending} onPress={() => restore.mutate()}>
          Bring back
        </Button>
      )}
    </li>
  );
}
