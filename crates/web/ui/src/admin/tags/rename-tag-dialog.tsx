import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { answer } from '../../api/client';
import { fieldProblems, inOneLine } from '../../api/problem-places';
import type { Tag } from '../../api/types';
import { fill } from '../../i18n/language';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { TextField } from '../../ui/field';
import { ErrorNotice } from '../../ui/notice';
import { say } from '../../ui/toast';
import { forgetTags } from '../queries';
import { adminApi } from '../session/recovery';
import { words } from '../words/words';

type Props = { tag: Tag; all: Tag[]; onClose: () => void };

const rename = async (tag: string, pages: number, to: string, merge: boolean) => {
  const params = { path: { tag }, header: { 'If-Match': `"${pages}"` } };
  const body = { tag: to, merge };
  return (await answer(adminApi.PUT('/api/v1/admin/tags/{tag}', { params, body }))).data;
};

/** A new name, everywhere at once; the name of another tag makes one of both. */
export function RenameTagDialog({ tag: { tag: old, pages }, all, onClose }: Props) {
  const said = words().tags;
  const queries = useQueryClient();
  const [typed, setTyped] = useState(old);
  const wanted = typed.trim().toLowerCase();
  const merges = wanted !== old && all.some(({ tag }) => tag === wanted);
  const save = useMutation({
    mutationFn: () => rename(old, pages, typed.trim(), merges),
    onSuccess: ({ tag }) => {
      if (merges) say(fill(said.merged, { old, tag }));
      else say(fill(said.renamed, { old, tag }), 'good', { undo: () => void back(tag) });
      onClose();
    },
    onSettled: () => forgetTags(queries),
  });
  const back = async (tag: string) => {
    try {
      await rename(tag, pages, old, false);
      say(fill(words().tags.renamed, { old: tag, tag: old }));
    } catch (error) {
      say(inOneLine(error), 'danger');
    }
    forgetTags(queries);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (wanted && wanted !== old && !save.isPending) save.mutate();
  };
  const problem = fieldProblems(save.error, ['tag']).fields[0]?.detail;
  return (
    <Dialog isOpen title={fill(said.rename_title, { tag: old })} onClose={onClose}>
      <form onSubmit={submit} noValidate className="grid gap-4">
        {save.error && !problem && <ErrorNotice error={save.error} />}
        <TextField
          label={said.new_name}
          maxLength={50}
          autoFocus
          value={typed}
          error={problem}
          hint={merges ? fill(said.merges, { tag: wanted }) : said.everywhere}
          onChange={event => setTyped(event.target.value)}
        />
        <div className="flex justify-end gap-2">
          <Button onPress={onClose}>{words().asking.cancel}</Button>
          <Button
            type="submit"
            tone={merges ? 'danger' : 'primary'}
            isDisabled={!wanted || wanted === old || save.isPending}
          >
            {save.isPending ? said.saving : merges ? said.merge : said.rename}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
