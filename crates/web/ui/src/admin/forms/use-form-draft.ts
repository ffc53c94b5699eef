import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { answer } from '../../api/client';
import { ApiError, isApiError } from '../../api/problem';
import type { Form, FormEdit } from '../../api/types';
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

  const save = useMutation({
    mutationFn: (wanted: { body: FormEdit; revision: number | undefined }) => write(base, wanted),
    onSuccess: saved => {
      setBase(saved);
      queries.setQueryData(formQuery(saved.id).queryKey, saved);
      say(words().forms.saved);
      forgetForms(queries);
      onSaved(saved);
    },
  });

  const conflict = isApiError(save.error, 'precondition-failed');
  const theirs = async () => {
    const id = base?.id ?? '';
    return queries.fetchQuery({ ...formQuery(id), staleTime: 0 });
  };
  return {
    base,
    draft,
    change: (values: Partial<FormEdit>) => setDraft(before => ({ ...before, ...values })),
    isChanged: !base || JSON.stringify(draft) !== JSON.stringify(draftOf(base)),
    isSaving: save.isPending,
    conflict,
    failure: conflict ? null : save.error,
    problems: problemsByPlace(save.error),
    save: () => save.mutate({ body: draft, revision: base?.revision }),
    takeTheirs: async () => {
      const form = await theirs();
      setBase(form);
      setDraft(draftOf(form));
      save.reset();
    },
    keepMine: async () => save.mutate({ body: draft, revision: (await theirs()).revision }),
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
    error.fields.map(({ field, detail }) => [field.replace(/^notify\/\d+$/, 'notify'), detail]),
  );
}
