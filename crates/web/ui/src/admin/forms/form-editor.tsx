import { useQueryClient } from '@tanstack/react-query';
import { Trash2 } from 'lucide-react';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import { answer } from '../../api/client';
import { inOneLine } from '../../api/problem-places';
import type { Form } from '../../api/types';
import { Button } from '../../ui/button';
import { buttonClass } from '../../ui/button-class';
import { Choice } from '../../ui/choice';
import { ErrorNotice, Notice } from '../../ui/notice';
import { say } from '../../ui/toast';
import { LeaveGuard } from '../leave-guard';
import { forgetForms } from '../queries';
import { adminApi } from '../session/recovery';
import { ViewBody, ViewHeader } from '../view-header';
import { words } from '../words/words';
import { FieldList } from './field-list';
import { FormDetails } from './form-details';
import { draftOf } from './form-draft';
import { FormPreview } from './form-preview';
import { useFormDraft } from './use-form-draft';

const PARTS = ['edit', 'preview'] as const;

/** A form and how visitors see it, side by side; on a narrow screen one of them. */
export function FormEditor({ form }: { form: Form | null }) {
  const said = words().forms;
  const navigate = useNavigate();
  const element = useRef<HTMLFormElement>(null);
  const [isHalf, setHalf] = useState(false);
  const [part, setPart] = useState<(typeof PARTS)[number]>('edit');
  const state = useFormDraft(form, saved => {
    if (!form) navigate(`/admin/forms/${saved.id}`, { replace: true });
  });
  const { base, draft, change, problems, isChanged, isSaving } = state;

  // What does not fit takes the focus.
  const failed = state.failure !== null;
  useEffect(() => {
    if (failed) element.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus();
  }, [failed]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    // Half a moment would be saved as none.
    const moment = element.current?.querySelector<HTMLInputElement>('[type=datetime-local]');
    const half = moment?.validity.badInput ?? false;
    setHalf(half);
    if (half) moment?.focus();
    else if (!isSaving && isChanged) state.save();
  };
  return (
    <ViewBody>
      <ViewHeader title={form ? draft.title || said.untitled : said.new}>
        {base && !isChanged && draft.open && (
          <a className={buttonClass()} href={`/forms/${base.slug}`} target="_blank" rel="noopener">
            {said.view}
          </a>
        )}
        {base && base.leads === 0 && <DeleteButton form={base} />}
        <Button type="submit" form="form-editor" tone="primary" isDisabled={!isChanged || isSaving}>
          {isSaving ? said.saving : said.save}
        </Button>
      </ViewHeader>
      <Choice
        label={said.show}
        className="mb-5 xl:hidden"
        options={PARTS.map(value => ({ value, label: said[value] }))}
        value={part}
        onChange={setPart}
      />
      <div className="grid grid-cols-[minmax(0,1fr)] gap-8 xl:grid-cols-[minmax(0,1fr)_minmax(0,26rem)]">
        <form
          ref={element}
          id="form-editor"
          noValidate
          onSubmit={submit}
          className={`grid grid-cols-[minmax(0,1fr)] content-start gap-6 ${part === 'edit' ? '' : 'max-xl:hidden'}`}
        >
          {state.conflict && (
            <Notice
              title={said.conflict}
              action={
                <div className="flex flex-wrap gap-2">
                  <Button size="small" onPress={() => void state.takeTheirs()}>
                    {said.take_theirs}
                  </Button>
                  <Button size="small" onPress={() => void state.keepMine()}>
                    {said.keep_mine}
                  </Button>
                </div>
              }
            >
              {said.conflict_text}
            </Notice>
          )}
          {failed && Object.keys(problems).length === 0 && <ErrorNotice error={state.failure} />}
          <FieldList fields={draft.fields} problems={problems} onChange={state.changeFields} />
          <FormDetails
            key={state.taken}
            draft={draft}
            problems={isHalf ? { ...problems, starts_at: said.starts_at_half } : problems}
            onChange={change}
          />
        </form>
        <FormPreview draft={draft} className={part === 'preview' ? '' : 'max-xl:hidden'} />
      </div>
      <LeaveGuard active={isChanged && !isSaving && (base !== null || form === null)} />
    </ViewBody>
  );
}

/** At once, with a way back: nothing was sent through it, so a new one with the same words is the same. */
function DeleteButton({ form }: { form: Form }) {
  const said = words().forms;
  const queries = useQueryClient();
  const navigate = useNavigate();
  const restore = async () => {
    try {
      await answer(adminApi.POST('/api/v1/admin/forms', { body: draftOf(form) }));
      say(words().forms.restored);
    } catch (error) {
      say(inOneLine(error), 'danger');
    }
    forgetForms(queries);
  };
  const remove = async () => {
    try {
      await answer(
        adminApi.DELETE('/api/v1/admin/forms/{id}', { params: { path: { id: form.id } } }),
      );
      navigate('/admin/forms');
      say(said.deleted, 'good', { undo: () => void restore() });
    } catch (error) {
      say(inOneLine(error), 'danger');
    }
    forgetForms(queries);
  };
  return (
    <Button onPress={() => void remove()}>
      <Trash2 aria-hidden /> {said.delete}
    </Button>
  );
}
