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
        ? `Visitors of /${page.slug} will find nothing. The page stays in the trash for 30 days.`
        : 'The draft stays in the trash for 30 days.'}
    </Dialog>
  );
}
