import { type ClipboardEvent, type DragEvent, type KeyboardEvent, useRef, useState } from 'react';
import type { UseFormRegisterReturn } from 'react-hook-form';
import { insert, mediaMarkdown, nextListLine } from './markdown-edits';
import { editForKey, MarkdownToolbar } from './markdown-toolbar';
import { PictureDialog } from './picture-dialog';
import { applyEdit, replaceText, selectedIn } from './text-field-edit';
import { useFileInsertion } from './use-file-insertion';

type Props = {
  registration: UseFormRegisterReturn<'body'>;
  error?: string | undefined;
  /** How far down the text is scrolled, from 0 to 1. */
  onScroll: (fraction: number) => void;
};

export function MarkdownField({ registration, error, onScroll }: Props) {
  const field = useRef<HTMLTextAreaElement | null>(null);
  const { insertFiles, sending } = useFileInsertion(field);
  const [picking, setPicking] = useState(false);
  const [over, setOver] = useState(false);
  const { ref, ...registered } = registration;

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    const edit = editForKey(event);
    if (edit) {
      event.preventDefault();
      applyEdit(event.currentTarget, edit);
      return;
    }
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    const next = nextListLine(selectedIn(event.currentTarget));
    if (!next) return;
    event.preventDefault();
    replaceText(event.currentTarget, next);
  };

  const onPaste = (event: ClipboardEvent) => {
    // Office programs put a picture of the text beside the text itself; the text is meant then.
    if (event.clipboardData.files.length === 0 || event.clipboardData.getData('text/plain')) return;
    event.preventDefault();
    insertFiles(event.clipboardData.files);
  };

  const onDrop = (event: DragEvent) => {
    setOver(false);
    if (event.dataTransfer.files.length === 0) return;
    event.preventDefault();
    insertFiles(event.dataTransfer.files);
  };

  return (
    <div className={`flex min-h-0 flex-1 flex-col ${over ? 'bg-accent-soft' : ''}`}>
      <div className="flex items-center gap-3 border-b border-line px-2 py-1">
        <MarkdownToolbar
          onEdit={edit => field.current && applyEdit(field.current, edit)}
          onPicture={() => setPicking(true)}
        />
        <p role="status" className="ml-auto pr-2 text-sm text-ink-faint">
          {sending > 0 && 'Uploading…'}
        </p>
      </div>
      <textarea
        {...registered}
        ref={element => {
          ref(element);
          field.current = element;
        }}
        aria-label="Text"
        aria-invalid={error ? true : undefined}
        aria-describedby="body-hint"
        placeholder="Write in Markdown. Drop or paste pictures right here."
        spellCheck
        onKeyDown={onKeyDown}
        onPaste={onPaste}
        onDrop={onDrop}
        onDragOver={event => {
          if (!event.dataTransfer.types.includes('Files')) return;
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) =>
          onScroll(scrollTop / Math.max(1, scrollHeight - clientHeight))
        }
        className="min-h-96 w-full flex-1 resize-none bg-transparent px-5 py-5 font-mono text-[0.9375rem] leading-relaxed outline-none placeholder:text-ink-faint sm:px-8 lg:min-h-0"
      />
      <p id="body-hint" className={error ? 'px-5 pb-3 text-sm text-danger' : 'sr-only'}>
        {error ?? 'Markdown. Control or Command with B, I and K make bold, italic and links.'}
      </p>
      <PictureDialog
        isOpen={picking}
        onClose={() => setPicking(false)}
        onFiles={insertFiles}
        onPick={media =>
          field.current && applyEdit(field.current, insert(mediaMarkdown(media), true))
        }
      />
    </div>
  );
}
