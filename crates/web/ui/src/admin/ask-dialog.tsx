import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { ErrorNotice } from '../ui/notice';
import { words } from './words/words';

type Props = {
  title: string;
  /** What the button says that does it. */
  button: string;
  work: () => Promise<unknown>;
  onDone: () => void;
  /** Done or not: what is shown may be out of date. */
  onSettled: () => void;
  onClose: () => void;
  /** What becomes of it. */
  children: ReactNode;
};

/** Asks before something that cannot be taken back. Why it was not done is said in it. */
export function AskDialog({ title, button, work, onDone, onSettled, onClose, children }: Props) {
  const deed = useMutation({ mutationFn: work, onSuccess: onDone, onSettled });
  return (
    <Dialog
      alert
      isOpen
      title={title}
      onClose={onClose}
      actions={
        <>
          <Button autoFocus onPress={onClose}>
            {words().asking.cancel}
          </Button>
          <Button tone="danger" isDisabled={deed.isPending} onPress={() => deed.mutate()}>
            {button}
          </Button>
        </>
      }
    >
      {children}
      {deed.isError && (
        <div className="mt-4">
          <ErrorNotice error={deed.error} />
        </div>
      )}
    </Dialog>
  );
}
