import {
  type ClipboardEvent,
  type DragEvent,
  type KeyboardEvent,
  type RefObject,
  useState,
} from 'react';
import type { UseFormRegisterReturn } from 'react-hook-form';
import { useWords } from '../words/words';
import { InsertionList } from './insertion-list';
import { insert, mediaMarkdown, nextListLine } from './markdown-edits';
import { MarkdownToolbar } from './markdown-toolbar';
import { toolForKey } from './markdown-tools';
import { PictureDialog } from './picture-dialog';
import { applyEdit, replaceText, selectedIn } from './text-field-edit';
import { useFileInsertion } from './use-file-insertion';

type Props = {
  field: RefObject<HTMLTextAreaElement | null>;
  registration: UseFormRegisterReturn<'body'>;
  error?: string | undefined;
  onScroll: () => void;
};

export function MarkdownField({ field, registration, error, onScroll }: Props) {
  const said = useWords().editor;
  const { insertFiles, insertions } = useFileInsertion(field);
  const [picking, setPicking] = useState(false);
  const [over, setOver] = useState(false);
  const { ref, ...registered } = registration;

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    const tool = toolForKey(event.nativeEvent);
    if (tool) {
      event.preventDefault();
      if (tool === 'picture') setPicking(true);
      else applyEdit(event.currentTarget, tool);
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
      <div className="border-b border-line px-2 py-1">
        <MarkdownToolbar
          onEdit={edit => field.current && applyEdit(field.current, edit)}
          onPicture={() => setPicking(true)}
        />
      </div>
      <InsertionList insertions={insertions} />
      <textarea
        {...registered}
        ref={element => {
          ref(element);
          field.current = element;
        }}
        aria-label={said.text}
        aria-invalid={error ? true : undefined}
        aria-describedby="body-hint"
        placeholder={said.text_hint}
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
        onScroll={onScroll}
        className="min-h-96 w-full flex-1 resize-none bg-transparent px-5 py-5 font-mono text-[0.9375rem] leading-relaxed outline-none placeholder:text-ink-faint sm:px-8 lg:min-h-0"
      />
      <p id="body-hint" className={error ? 'px-5 pb-3 text-sm text-danger' : 'sr-only'}>
        {error ?? said.text_keys}
      </p>
      <PictureDialog
        isOpen={picking}
        onClose={() => setPicking(false)}
        onFiles={insertFiles}
        onPick={(media, alt) =>
          field.current && applyEdit(field.current, insert(mediaMarkdown(media, alt), true))
        }
      />
    </div>
  );
}
