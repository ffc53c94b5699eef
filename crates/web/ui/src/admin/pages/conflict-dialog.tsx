import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { useWords } from '../words/words';

type Props = {
  isOpen: boolean;
  onKeepEditing: () => void;
  onLoadTheirs: () => void;
  onOverwrite: () => void;
};

export function ConflictDialog({ isOpen, onKeepEditing, onLoadTheirs, onOverwrite }: Props) {
  const said = useWords().editor;
  return (
    <Dialog
      alert
      title={said.conflict}
      isOpen={isOpen}
      onClose={onKeepEditing}
      actions={
        <>
          <Button tone="quiet" onPress={onKeepEditing} autoFocus>
            {said.conflict_keep}
          </Button>
          <Button onPress={onLoadTheirs}>{said.conflict_load}</Button>
          <Button tone="danger" onPress={onOverwrite}>
            {said.conflict_overwrite}
          </Button>
        </>
      }
    >
      <p>{said.conflict_text}</p>
    </Dialog>
  );
}
