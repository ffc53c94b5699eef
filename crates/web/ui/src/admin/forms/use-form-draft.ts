import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type SetStateAction, useState } from 'react';
import { answer } from '../../api/client';
import { ApiError, isApiError, translated } from '../../api/problem';
import { inOneLine } from '../../api/problem-places';
import type { Form, FormEdit, FormField } from '../../api/types';
import { say } from '../../ui/toast';
import { forgetForms, formQuery } from '../queries';
import { adminApi } from '../session/recovery';
import { words } from '../words/words';
import { draftOf, firstDraft } from './form-draft';

/** A form and what was typed of it since: `base` is what the server has. */
export function useFormDraft(given: Form | null, onSaved: (form: Form) => void) {
  const queries = useQueryClient();
  const [base, setBase] = useState(given);
  const [draft, setDraft] = useState<FormEdit>(() => (given ? draftOf(given) : firstDraft()));
  const [taken, setTaken] = useState(0);

  const save = useMutation({
    mutationFn: (wanted: { body: FormEdit; revision: number | undefined }) => write(base, wanted),
    onSuccess: (saved, { body }) => {
      setBase(saved);
      // The server may have tidied it; what was typed while it answered is newer.
      setDraft(now => (now === body ? draftOf(saved) : now));
      say(words().forms.saved);
      forgetForms(queries);
      onSaved(saved);
    },
  });

  const conflict = isApiError(save.error, 'precondition-failed');
  /** Goes on from what somebody else saved; nothing changes here where that does not come. */
  const onTopOfTheirs = async (goOn: (form: Form) => void) => {
    try {
      goOn(await queries.fetchQuery(formQuery(base?.id ?? '')));
    } catch (error) {
      say(inOneLine(error), 'danger');
    }
  };
  return {
    base,
    draft,
    /** How often what was typed gave way to what somebody else saved: fields begin anew then. */
    taken,
    change: (values: Partial<FormEdit>) => setDraft(before => ({ ...before, ...values })),
    changeFields: (change: SetStateAction<FormField[]>) =>
      setDraft(before => ({
        ...before,
        fields: typeof change === 'function' ? change(before.fields) : change,
      })),
    isChanged: !base || JSON.stringify(draft) !== JSON.stringify(draftOf(base)),
    isSaving: save.isPending,
    conflict,
    failure: conflict ? null : save.error,
    problems: problemsByPlace(save.error),
    save: () => save.mutate({ body: draft, revision: base?.revision }),
    takeTheirs: () =>
      onTopOfTheirs(form => {
        setBase(form);
        setDraft(draftOf(form));
        setTaken(before => before + 1);
        save.reset();
      }),
    keepMine: () => onTopOfTheirs(({ revision }) => save.mutate({ body: draft, revision })),
  };
}

async function write(
  base: Form | null,
  { body, revision }: { body: FormEdit; revision: number | undefined },
): Promise<Form> {
  if (!base) return (await answer(adminApi.POST('/api/v1/admin/forms', { body }))).data;
  const params = { path: { id: base.id }, header: { 'If-Match': `"${revision}"` } };
  return (await answer(adminApi.PUT('/api/v1/admin/forms/{id}', { params, body }))).data;
}

/** What the server says against a form, by where: `slug`, or `fields/2/label`. */
function problemsByPlace(error: unknown): Record<string, string> {
  if (!(error instanceof ApiError)) return {};
  return Object.fromEntries(
    error.fields.map(({ field, detail }) => [
      field.replace(/^notify\/\d+$/, 'notify'),
      translated(detail),
    ]),
  );
}
