import { useQueryClient } from '@tanstack/react-query';
import { type RefObject, useRef, useState } from 'react';
import { inOneLine } from '../../api/problem-places';
import { say } from '../../ui/toast';
import { uploadFile } from '../media/upload-file';
import { forgetMedia } from '../queries';
import { insert, mediaMarkdown } from './markdown-edits';
import { applyEdit, replacePiece } from './text-field-edit';

/** Uploads files into the text: a placeholder stands at the caret until the address is known. */
export function useFileInsertion(field: RefObject<HTMLTextAreaElement | null>) {
  const queries = useQueryClient();
  const [sending, setSending] = useState(0);
  const count = useRef(0);

  async function insertOne(file: File) {
    count.current += 1;
    const placeholder = `![Uploading ${file.name.replace(/[[\]]/g, '')} (${count.current})…]()`;
    const settle = (text: string) =>
      field.current && replacePiece(field.current, placeholder, text);
    if (field.current) applyEdit(field.current, insert(placeholder, true));
    setSending(before => before + 1);
    try {
      settle(mediaMarkdown(await uploadFile(file)));
      forgetMedia(queries);
    } catch (error) {
      settle('');
      say(`${file.name} was not uploaded. ${inOneLine(error)}`, 'danger');
    } finally {
      setSending(before => before - 1);
    }
  }

  return {
    sending,
    insertFiles: (files: Iterable<File>) => {
      for (const file of files) void insertOne(file);
    },
  };
}
