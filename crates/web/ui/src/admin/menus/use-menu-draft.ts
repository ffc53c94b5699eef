import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type SetStateAction, useState } from 'react';
import { answer } from '../../api/client';
import { ApiError, isApiError, translated } from '../../api/problem';
import { inOneLine } from '../../api/problem-places';
import type { Menu, MenuFields } from '../../api/types';
import { say } from '../../ui/toast';
import { forgetMenus, menuQuery } from '../queries';
import { adminApi } from '../session/recovery';
import { words } from '../words/words';
import { itemsOf, type Line, linesOf, problemsOfLines } from './menu-lines';

type Draft = { name: string; language: string | null; lines: Line[] };

const FIRST: Draft = { name: 'main', language: null, lines: [] };

const draftOf = ({ name, language, items }: Menu): Draft => ({
  name,
  language: language ?? null,
  lines: linesOf(items),
});

export const fieldsOf = ({ name, language, lines }: Draft): MenuFields => ({
  name: name.trim(),
  language,
  items: itemsOf(lines),
});

/** A menu and what was done to it since: `base` is what the server has. */
export function useMenuDraft(given: Menu | null, onSaved: (menu: Menu) => void) {
  const queries = useQueryClient();
  const [base, setBase] = useState(given);
  const [draft, setDraft] = useState<Draft>(() => (given ? draftOf(given) : FIRST));

  const save = useMutation({
    mutationFn: ({ body, revision }: { body: MenuFields; revision: number | undefined }) =>
      write(base, body, revision),
    onSuccess: saved => {
      setBase(saved);
      say(words().menus.saved);
      forgetMenus(queries);
      onSaved(saved);
    },
  });
  /** Goes on from what somebody else saved; nothing changes here where that does not come. */
  const onTopOfTheirs = async (goOn: (menu: Menu) => void) => {
    try {
      goOn(await queries.fetchQuery(menuQuery(base?.id ?? '')));
    } catch (error) {
      say(inOneLine(error), 'danger');
    }
  };
  const body = fieldsOf(draft);
  const fields = (save.error instanceof ApiError ? save.error.fields : []).map(
    ({ field, detail }) => ({ field, detail: translated(detail) }),
  );
  const conflict = isApiError(save.error, 'precondition-failed');
  return {
    base,
    draft,
    change: (values: Partial<Draft>) => setDraft(before => ({ ...before, ...values })),
    changeLines: (change: SetStateAction<Line[]>) =>
      setDraft(before => ({
        ...before,
        lines: typeof change === 'function' ? change(before.lines) : change,
      })),
    isChanged: !base || JSON.stringify(body) !== JSON.stringify(fieldsOf(draftOf(base))),
    isSaving: save.isPending,
    conflict,
    failure: conflict ? null : save.error,
    problem: (name: string) => fields.find(({ field }) => field === name)?.detail,
    lineProblems: problemsOfLines(draft.lines, fields),
    save: () => save.mutate({ body, revision: base?.revision }),
    takeTheirs: () =>
      onTopOfTheirs(menu => {
        setBase(menu);
        setDraft(draftOf(menu));
        save.reset();
      }),
    keepMine: () => onTopOfTheirs(({ revision }) => save.mutate({ body, revision })),
  };
}

async function write(base: Menu | null, body: MenuFields, revision?: number): Promise<Menu> {
  if (!base) return (await answer(adminApi.POST('/api/v1/admin/menus', { body }))).data;
  const params = { path: { id: base.id }, header: { 'If-Match': `"${revision}"` } };
  return (await answer(adminApi.PUT('/api/v1/admin/menus/{id}', { params, body }))).data;
}
