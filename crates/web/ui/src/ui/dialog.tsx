import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { words } from '../words/words';
import { Button } from './button';

type DialogProps = {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  /** An alert interrupts: it cannot be closed by a click beside it. */
  alert?: boolean;
  wide?: boolean;
  /** As wide as the screen allows, for what stands side by side. */
  full?: boolean;
  children: ReactNode;
  actions?: ReactNode;
};

export function Dialog({
  title,
  isOpen,
  onClose,
  alert,
  wide,
  full,
  children,
  actions,
}: DialogProps) {
  return (
    <ModalOverlay
      isOpen={isOpen}
      onOpenChange={open => !open && onClose()}
      isDismissable={!alert}
      className="fixed inset-0 z-40 grid items-end justify-items-center overflow-y-auto bg-veil p-3 sm:items-center"
    >
      <Modal
        className={`w-full animate-appear rounded-2xl border border-line bg-surface shadow-float ${full ? 'max-w-7xl' : wide ? 'max-w-3xl' : 'max-w-md'}`}
      >
        <AriaDialog role={alert ? 'alertdialog' : 'dialog'} className="p-6 outline-none">
          <div className="flex items-start gap-4">
            <Heading slot="title" className="flex-1 text-lg leading-snug font-semibold">
              {title}
            </Heading>
            {!alert && (
              <Button
                tone="quiet"
                size="icon"
                aria-label={words().close}
                className="-mt-1.5 -mr-2"
                onPress={onClose}
              >
                <X aria-hidden />
              </Button>
            )}
          </div>
          <div className="mt-2 text-ink-soft">{children}</div>
          {actions && <div className="mt-6 flex flex-wrap justify-end gap-2">{actions}</div>}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
