import type { ReactNode } from 'react';
import { Dialog as AriaDialog, Modal, ModalOverlay } from 'react-aria-components';

type Props = { label: string; isOpen: boolean; onClose: () => void; children: ReactNode };

/** What is told about one thing of a list, beside the list; over all of it on narrow screens. */
export function Drawer({ label, isOpen, onClose, children }: Props) {
  return (
    <ModalOverlay
      isOpen={isOpen}
      onOpenChange={open => !open && onClose()}
      isDismissable
      className="fixed inset-0 z-30 bg-veil"
    >
      <Modal className="fixed inset-y-0 right-0 w-full max-w-2xl animate-appear border-line bg-surface shadow-float sm:border-l">
        <AriaDialog aria-label={label} className="h-full overflow-y-auto outline-none">
          {children}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
