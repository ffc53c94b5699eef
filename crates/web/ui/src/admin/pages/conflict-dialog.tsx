import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';

type Props = {
  isOpen: boolean;
  onKeepEditing: () => void;
  onLoadTheirs: () => void;
  onOverwrite: () => void;
};

export function ConflictDialog({ isOpen, onKeepEditing, onLoadTheirs, onOverwrite }: Props) {
  return (
    <Dialog
      alert
      title="Someone else saved this page"
      isOpen={isOpen}
      onClose={onKeepEditing}
      actions={
        <>
          <Button tone="quiet" onPress={onKeepEditing} autoFocus>
            Keep editing
          </Button>
          <Button onPress={onLoadTheirs}>Load theirs</Button>
          <Button tone="danger" onPress={onOverwrite}>
            Overwrite
          </Button>
        </>
      }
    >
      <p>
        It was changed after you opened it, so nothing was saved now. What you typed is still here:
        keep editing to copy from it, load their version instead of yours, or overwrite theirs with
        yours.
      </p>
    </Dialog>
  );
}
