import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from 'react-router';
import { answer } from '../../api/client';
import { inOneLine } from '../../api/problem-places';
import type { TrashedPage } from '../../api/types';
import { fill } from '../../i18n/language';
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
import { words } from '../words/words';
import { PageTableSkeleton } from './page-table';

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
  const said = words().pages.trashed;
  const queries = useQueryClient();
  const mayWrite = useMay('editor');
  const restore = useMutation({
    mutationFn: () =>
      answer(
        adminApi.POST('/api/v1/admin/trash/{id}/restore', {
          params: { path: { id: page.id }, header: { 'If-Match': `"${page.revision}"` } },
          body: {},
        }),
      ),
    onSuccess: () => say(fill(said.back, { title: page.title })),
    onError: error => say(inOneLine(error), 'danger'),
    onSettled: () => forgetPages(queries),
  });
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3.5 md:px-5">
      <div className="min-w-0 flex-1 basis-48">
        <p className="truncate font-medium">{page.title}</p>
        <p className="truncate text-sm text-ink-faint">
          {fill(said.line, {
            slug: page.slug,
            ago: formatAgo(page.deleted_at),
            date: formatDate(page.gone_at),
          })}
        </p>
      </div>
      {mayWrite && (
        <Button isDisabled={restore.isPending} onPress={() => restore.mutate()}>
          {said.bring_back}
        </Button>
      )}
    </li>
  );
}
