import { useQueryClient } from '@tanstack/react-query';
import { type RefObject, useRef, useState } from 'react';
import { inOneLine } from '../../api/problem-places';
import { fill } from '../../i18n/language';
import { say } from '../../ui/toast';
import { keepAfterAll } from '../media/deletions';
import { type Sending, sendFile } from '../media/send-file';
import { forgetMedia } from '../queries';
import { words } from '../words/words';
import { insert, mediaMarkdown } from './markdown-edits';
import { applyEdit, replacePiece } from './text-field-edit';

/** A file on its way into the text. */
export type Insertion = {
  id: number;
  name: string;
  /** From 0 to 1. */
  progress: number;
  /** The line is down; it goes on by itself. */
  stalled: boolean;
  cancel: () => void;
};

/** Uploads files into the text: a placeholder stands at the caret until the address is known. */
export function useFileInsertion(field: RefObject<HTMLTextAreaElement | null>) {
  const queries = useQueryClient();
  const [insertions, setInsertions] = useState<Insertion[]>([]);
  const count = useRef(0);

  async function insertOne(file: File) {
    count.current += 1;
    const id = count.current;
    const name = file.name.replace(/[[\]]/g, '');
    const placeholder = `![${fill(words().editor.uploading, { name })} (${id})…]()`;
    const settle = (text: string) =>
      field.current && replacePiece(field.current, placeholder, text);
    const change = (to: Partial<Insertion>) =>
      setInsertions(before => before.map(one => (one.id === id ? { ...one, ...to } : one)));
    const end = () => setInsertions(before => before.filter(one => one.id !== id));

    if (field.current) applyEdit(field.current, insert(placeholder, true));
    const sending: Sending = sendFile(file, {
      onProgress: progress => change({ progress }),
      onStalled: stalled => change({ stalled }),
    });
    const cancel = () => {
      sending.cancel();
      settle('');
      end();
    };
    setInsertions(before => [...before, { id, name, progress: 0, stalled: false, cancel }]);
    try {
      const { media } = await sending.sent;
      keepAfterAll(media.id);
      settle(mediaMarkdown(media));
      forgetMedia(queries);
    } catch (error) {
      settle('');
      say(fill(words().editor.not_uploaded, { name, why: inOneLine(error) }), 'danger');
    } finally {
      end();
    }
  }

  return {
    insertions,
    insertFiles: (files: Iterable<File>) => {
      for (const file of files) void insertOne(file);
    },
  };
}
