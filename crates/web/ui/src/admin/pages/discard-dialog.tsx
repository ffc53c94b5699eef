import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';

type Props = { title: string; isOpen: boolean; onClose: () => void; onDiscard: () => void };

export function DiscardDialog({ title, isOpen, onClose, onDiscard }: Props) {
  return (
    <Dialog
      alert
      title={`Discard the changes of “${title}”?`}
      isOpen={isOpen}
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose} autoFocus>
            Keep them
          </Button>
          <Button tone="danger" onPress={onDiscard}>
            Discard
          </Button>
        </>
      }
    >
      The editor shows again what visitors read. What was saved stays among the page’s revisions;
      what was typed since then is gone.
    </Dialog>
  );
}
