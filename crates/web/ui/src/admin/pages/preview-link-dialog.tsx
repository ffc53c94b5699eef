import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { answer } from '../../api/client';
import type { Page } from '../../api/types';
import { fill } from '../../i18n/language';
import { Button } from '../../ui/button';
import { Choice } from '../../ui/choice';
import { Dialog } from '../../ui/dialog';
import { formatDateTime } from '../../ui/format';
import { ErrorNotice } from '../../ui/notice';
import { Copyable } from '../copyable';
import { adminApi } from '../session/recovery';
import { words } from '../words/words';

const HOURS = { hour: 1, day: 24, week: 7 * 24, month: 30 * 24 } as const;

type Span = keyof typeof HOURS;

type Props = { page: Page; dirty: boolean; onClose: () => void };

/** A link for people without an account, to read the page before it is published. */
export function PreviewLinkDialog({ page, dirty, onClose }: Props) {
  const said = words().pages.preview_link;
  const [span, setSpan] = useState<Span>('week');
  const link = useMutation({
    mutationFn: async () => {
      const params = { path: { id: page.id } };
      const body = { hours: HOURS[span] };
      const path = '/api/v1/admin/pages/{id}/preview-link';
      return (await answer(adminApi.POST(path, { params, body }))).data;
    },
  });
  return (
    <Dialog isOpen title={said.title} onClose={onClose}>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
        <p>{said.about}</p>
        {dirty && <p className="text-warn">{said.unsaved}</p>}
        {link.error && <ErrorNotice error={link.error} onRetry={link.mutate} />}
        <div>
          <p className="mb-1.5 text-sm font-medium">{said.how_long}</p>
          <Choice
            label={said.how_long}
            className="flex-wrap"
            options={(Object.keys(HOURS) as Span[]).map(value => ({
              value,
              label: said.spans[value],
            }))}
            value={span}
            onChange={chosen => {
              setSpan(chosen);
              // The link that is shown ends at another time.
              link.reset();
            }}
          />
        </div>
        {link.data ? (
          <div role="status" className="grid gap-2">
            <Copyable text={link.data.url} />
            <p className="text-sm">{fill(said.ends, { at: formatDateTime(link.data.until) })}</p>
          </div>
        ) : (
          <Button tone="primary" isDisabled={link.isPending} onPress={() => link.mutate()}>
            {link.isPending ? said.making : said.make}
          </Button>
        )}
      </div>
    </Dialog>
  );
}
