import type { Page } from '../../api/types';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';

type Props = { page: Page; isOpen: boolean; onClose: () => void; onDelete: () => void };

export function DeletePageDialog({ page, isOpen, onClose, onDelete }: Props) {
  return (
    <Dialog
      alert
      title={`Delete “${page.title}”?`}
      isOpen={isOpen}
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose} autoFocus>
            Keep it
          </Button>
          <Button tone="danger" onPress={onDelete}>
            Delete
          </Button>
        </>
      }
    >
      {page.status === 'published'
        ? `The page disappears for good, and visitors of /${page.slug} will find nothing.`
        : 'The draft disappears for good.'}
    </Dialog>
  );
}
