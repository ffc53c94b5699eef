import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { answer } from '../../api/client';
import { fieldProblems, inOneLine } from '../../api/problem-places';
import type { TrashedPage } from '../../api/types';
import { fill } from '../../i18n/language';
import { Button } from '../../ui/button';
import { formatAgo, formatDate } from '../../ui/format';
import { say } from '../../ui/toast';
import { AskDialog } from '../ask-dialog';
import { forgetPages } from '../queries';
import { adminApi } from '../session/recovery';
import { useMay } from '../session/use-may';
import { words } from '../words/words';
import { OtherAddressDialog } from './other-address-dialog';

/** A deleted page: it comes back, where its address is taken at another one, or goes for good. */
export function TrashRow({ page }: { page: TrashedPage }) {
  const said = words().pages.trashed;
  const queries = useQueryClient();
  const mayWrite = useMay('editor');
  const [open, setOpen] = useState<'address' | 'purge' | null>(null);
  const close = () => setOpen(null);
  const params = { path: { id: page.id }, header: { 'If-Match': `"${page.revision}"` } };
  const restore = useMutation({
    mutationFn: (elsewhere: { slug?: string }) =>
      answer(adminApi.POST('/api/v1/admin/trash/{id}/restore', { params, body: elsewhere })),
    onSuccess: () => {
      say(fill(said.back, { title: page.title }));
      close();
    },
    onError: error => {
      if (fieldProblems(error, ['slug']).fields.length > 0) setOpen('address');
      else say(inOneLine(error), 'danger');
    },
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
        <div className="flex flex-wrap gap-2">
          <Button isDisabled={restore.isPending} onPress={() => restore.mutate({})}>
            {said.bring_back}
          </Button>
          <Button tone="quiet" onPress={() => setOpen('purge')}>
            {said.purge}
          </Button>
        </div>
      )}
      {open === 'address' && (
        <OtherAddressDialog
          page={page}
          problem={fieldProblems(restore.error, ['slug']).fields[0]?.detail}
          isBusy={restore.isPending}
          onChosen={slug => restore.mutate({ slug })}
          onClose={close}
        />
      )}
      {open === 'purge' && (
        <AskDialog
          title={fill(said.purge_title, { title: page.title })}
          button={said.purge}
          work={() => answer(adminApi.DELETE('/api/v1/admin/trash/{id}', { params }))}
          onDone={() => {
            say(fill(said.purged, { title: page.title }));
            close();
          }}
          onSettled={() => forgetPages(queries)}
          onClose={close}
        >
          {said.purge_text}
        </AskDialog>
      )}
    </li>
  );
}
