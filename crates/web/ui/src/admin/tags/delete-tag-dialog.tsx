import { useQueryClient } from '@tanstack/react-query';
import { answer } from '../../api/client';
import type { Tag } from '../../api/types';
import { counted, fill } from '../../i18n/language';
import { say } from '../../ui/toast';
import { AskDialog } from '../ask-dialog';
import { forgetTags } from '../queries';
import { adminApi } from '../session/recovery';
import { words } from '../words/words';

type Props = { tag: Tag; onClose: () => void };

/** Asks, since nobody could say afterwards which pages had it. */
export function DeleteTagDialog({ tag: { tag, pages }, onClose }: Props) {
  const said = words().tags;
  const queries = useQueryClient();
  const params = { path: { tag }, header: { 'If-Match': `"${pages}"` } };
  return (
    <AskDialog
      title={fill(said.delete_title, { tag })}
      button={said.delete}
      work={() => answer(adminApi.DELETE('/api/v1/admin/tags/{tag}', { params }))}
      onDone={() => {
        say(fill(said.deleted, { tag }));
        onClose();
      }}
      onSettled={() => forgetTags(queries)}
      onClose={onClose}
    >
      {counted(said.delete_text, pages)}
    </AskDialog>
  );
}
