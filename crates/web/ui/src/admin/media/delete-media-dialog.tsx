import { useMutation, useQueryClient } from '@tanstack/react-query';
import { answer } from '../../api/client';
import type { Media } from '../../api/types';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { ErrorNotice } from '../../ui/notice';
import { say } from '../../ui/toast';
import { forgetMedia } from '../queries';
import { adminApi } from '../session/recovery';

type Props = { media: Media | null; onClose: () => void };

/** When a page uses the file, the server refuses and names the pages; that stays in the dialog. */
export function DeleteMediaDialog({ media, onClose }: Props) {
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: (id: string) =>
      answer(adminApi.DELETE('/api/v1/admin/media/{id}', { params: { path: { id } } })),
    onSuccess: () => {
      forgetMedia(queries);
      say('File deleted.');
      onClose();
    },
  });
  const close = () => {
    remove.reset();
    onClose();
  };
  return (
    <Dialog
      alert
      title={`Delete ${media?.name ?? ''}?`}
      isOpen={media !== null}
      onClose={close}
      actions={
        remove.isError ? (
          <Button onPress={close}>Close</Button>
        ) : (
          <>
            <Button onPress={close} autoFocus>
              Keep it
            </Button>
            <Button
              tone="danger"
              isDisabled={remove.isPending}
              onPress={() => media && remove.mutate(media.id)}
            >
              {remove.isPending ? 'Deleting…' : 'Delete'}
            </Button>
          </>
        )
      }
    >
      {remove.isError ? (
        <ErrorNotice error={remove.error} />
      ) : (
        <p>
          The file is removed from the library for good. Links to it from elsewhere stop working.
        </p>
      )}
    </Dialog>
  );
}
