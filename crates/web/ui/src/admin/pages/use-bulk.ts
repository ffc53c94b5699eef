import { type QueryClient, useMutation, useQueryClient } from '@tanstack/react-query';
import { answer } from '../../api/client';
import { translated } from '../../api/problem';
import { inOneLine } from '../../api/problem-places';
import type { BulkAction, BulkResult, PageRow } from '../../api/types';
import { counted } from '../../i18n/language';
import { say } from '../../ui/toast';
import { forgetPages } from '../queries';
import { adminApi } from '../session/recovery';
import { words } from '../words/words';

type Action = Exclude<BulkAction, 'discard-draft' | 'purge'>;

/** One thing to do to many pages. */
export type Deed = { action: Action; tag?: string };

type Work = Deed & { ids: string[] };

/** As many as the server takes at once. */
const IDS_MAX = 100;

async function perform({ action, tag, ids }: Work): Promise<BulkResult[]> {
  const results: BulkResult[] = [];
  for (let from = 0; from < ids.length; from += IDS_MAX) {
    const body = { action, ids: ids.slice(from, from + IDS_MAX), ...(tag && { tag }) };
    results.push(...(await answer(adminApi.POST('/api/v1/admin/pages/bulk', { body }))).data);
  }
  return results;
}

/** Brings pages back to what they were: see `wayBack`. */
export async function takeBack(queries: QueryClient, works: Work[]): Promise<void> {
  try {
    for (const work of works) {
      const refused = firstProblem(await perform(work));
      if (refused) say(refused, 'danger');
    }
  } catch (error) {
    say(inOneLine(error), 'danger');
  }
  forgetPages(queries);
}

/** Does one thing to many pages at once, and offers the way back instead of asking before. */
export function useBulk() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ deed, pages }: { deed: Deed; pages: PageRow[] }) =>
      perform({ ...deed, ids: pages.map(page => page.id) }),
    onSuccess: (results, { deed, pages }) => {
      const refused = new Set(results.filter(({ problem }) => problem).map(({ id }) => id));
      const done = pages.filter(page => !refused.has(page.id));
      const back = wayBack(deed, done);
      if (done.length > 0) {
        say(counted(words().pages.done[deed.action], done.length), 'good', {
          ...(back.length > 0 && { undo: () => takeBack(queries, back) }),
        });
      }
      const why = firstProblem(results);
      if (why) say(counted(words().pages.left, refused.size, { why }), 'danger');
    },
    onError: error => say(inOneLine(error), 'danger'),
    onSettled: () => forgetPages(queries),
  });
}

const firstProblem = (results: BulkResult[]) =>
  translated(results.find(({ problem }) => problem)?.problem ?? '');

type Before = Pick<PageRow, 'id' | 'status' | 'has_draft' | 'tags'>;

/**
 * What brings the pages back to what they were; nothing where one of them cannot be. Publishing shows the changes that
 * wait in a page's draft, too, so it brings back only pages that had none.
 */
export function wayBack({ action, tag = '' }: Deed, before: Before[]): Work[] {
  const ids = (wanted: (page: Before) => boolean) => before.filter(wanted).map(page => page.id);
  const isPublished = (page: Before) => page.status === 'published';
  const wasPlain = (page: Before) => isPublished(page) && !page.has_draft;
  const mixed = before.some(page => page.has_draft);
  const isTagged = (page: Before) => page.tags.includes(tag.trim().toLowerCase());
  const works: Record<Action, Work[]> = {
    publish: mixed ? [] : [{ action: 'unpublish', ids: ids(page => !isPublished(page)) }],
    unpublish: mixed ? [] : [{ action: 'publish', ids: ids(isPublished) }],
    // What comes back from the trash is a draft.
    delete: [
      { action: 'undelete', ids: ids(() => true) },
      { action: 'publish', ids: ids(wasPlain) },
    ],
    undelete: [{ action: 'delete', ids: ids(() => true) }],
    'add-tag': [{ action: 'remove-tag', tag, ids: ids(page => !isTagged(page)) }],
    'remove-tag': [{ action: 'add-tag', tag, ids: ids(isTagged) }],
  };
  return works[action].filter(work => work.ids.length > 0);
}
