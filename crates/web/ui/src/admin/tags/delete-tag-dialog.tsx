import { useMutation, useQueryClient } from '@tanstack/react-query';
import { answer } from '../../api/client';
import type { Tag } from '../../api/types';
import { counted, fill } from '../../i18n/language';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { ErrorNotice } from '../../ui/notice';
import { say } from '../../ui/toast';
import { forgetTags } from '../queries';
import { adminApi } from '../session/recovery';
import { words } from '../words/words';

/** Asks, since nobody could say afterwards which pages had it. */
export function DeleteTagDialog({
  tag: { tag, pages },
  onClose,
}: {
  tag: Tag;
  onClose: () => void;
}) {
  const said = words().tags;
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: () => {
      const params = { path: { tag }, header: { 'If-Match': `"${pages}"` } };
      return answer(adminApi.DELETE('/api/v1/admin/tags/{tag}', { params }));
    },
    onSuccess: () => {
      say(fill(said.deleted, { tag }));
      onClose();
    },
    onSettled: () => forgetTags(queries),
  });
  return (
    <Dialog
      alert
      isOpen
      title={fill(said.delete_title, { tag })}
      onClose={onClose}
      actions={
        <>
          <Button autoFocus onPress={onClose}>
            {said.cancel}
          </Button>
          <Button tone="danger" isDisabled={remove.isPending} onPress={() => remove.mutate()}>
            {said.delete}
          </Button>
        </>
      }
    >
      {counted(said.delete_text, pages)}
      {remove.error && (
        <div className="mt-4">
          <ErrorNotice error={remove.error} />
        </div>
      )}
    </Dialog>
  );
}
