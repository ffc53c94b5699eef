import { type FormEvent, useEffect, useRef, useState } from 'react';
import { isApiError } from '../api/problem';
import { fieldProblems } from '../api/problem-places';
import type { FormField, PublicForm, Thanks } from '../api/types';
import { fill } from '../i18n/language';
import { ErrorNotice } from '../ui/notice';
import { words } from '../words/words';
import { ask } from './server';

/** A form that the team defined. What is typed stays with the browser until it is sent. */
export function FormView({ form }: { form: PublicForm }) {
  const token = useRef(form.token);
  const [failure, setFailure] = useState<unknown>(null);
  // Not before the page can send it: the browser's own way would put the answers into the address.
  const [isReady, setReady] = useState(false);
  const [thanks, setThanks] = useState<Thanks | null>(null);
  const pointers = form.fields.map(field => `answers/${field.name}`);
  const { fields: problems, rest } = fieldProblems(failure, pointers);
  const address = `/api/v1/forms/${form.slug}`;

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const body = filled(form, new FormData(event.currentTarget));
    setFailure(null);
    setReady(false);
    try {
      setThanks(await ask<Thanks>(`${address}/leads`, { body: { token: token.current, ...body } }));
    } catch (error) {
      // It stood open for a day: what was typed stays, and a new token takes it along.
      if (isApiError(error, 'form-expired')) token.current = (await ask<PublicForm>(address)).token;
      setFailure(error);
    }
    setReady(true);
  };

  useEffect(() => setReady(true), []);

  // The first field that does not fit.
  useEffect(() => {
    if (failure) document.querySelector<HTMLElement>('[aria-invalid=true]')?.focus();
  }, [failure]);

  return (
    <div className="narrow">
      <h1 tabIndex={-1}>{form.title}</h1>
      {thanks ? (
        <div role="status" className="thanks">
          <p>{thanks.thanks || words().thanks}</p>
          {thanks.to_confirm && <p>{words().to_confirm}</p>}
        </div>
      ) : (
        <form className="form" onSubmit={submit} noValidate>
          {failure !== null && (problems.length === 0 || rest.length > 0) && (
            <ErrorNotice error={failure} />
          )}
          {form.fields.map(field => (
            <Question
              key={field.name}
              field={field}
              error={problems.find(problem => problem.field === `answers/${field.name}`)?.detail}
            />
          ))}
          {/* People don't see it, and the keyboard passes it by. */}
          <div className="trap" aria-hidden="true">
            <label>
              {words().website}
              <input tabIndex={-1} autoComplete="off" name="website" defaultValue="" />
            </label>
          </div>
          <button className="button button-primary" type="submit" disabled={!isReady}>
            {words().send}
          </button>
          <noscript>
            <p>{words().needs_script}</p>
          </noscript>
        </form>
      )}
    </div>
  );
}

/** What was answered: an empty field was not. */
function filled(form: PublicForm, data: FormData) {
  const answers: Record<string, string | boolean> = {};
  for (const { name, kind } of form.fields) {
    const answer = data.get(name);
    if (answer) answers[name] = kind === 'consent' ? true : String(answer);
  }
  return { answers, website: String(data.get('website') ?? '') };
}

const TYPES = { email: 'email', phone: 'tel', text: 'text' } as const;
const COMPLETES = { email: 'email', phone: 'tel', text: 'on' } as const;

function Question({ field, error }: { field: FormField; error: string | undefined }) {
  const id = `field-${field.name}`;
  const label = field.required ? field.label : fill(words().optional, { label: field.label });
  const note = error || field.hint;
  const described = {
    'aria-describedby': note ? `${id}-note` : undefined,
    'aria-required': field.required || undefined,
    'aria-invalid': error ? true : undefined,
  };
  return (
    <div className="field">
      {field.kind === 'consent' ? (
        <label className="check">
          <input id={id} name={field.name} type="checkbox" {...described} />
          <span>{label}</span>
        </label>
      ) : (
        <>
          <label htmlFor={id}>{label}</label>
          {field.kind === 'choice' ? (
            <select id={id} name={field.name} {...described}>
              <option value="">{words().choose}</option>
              {field.options?.map(option => (
                <option key={option}>{option}</option>
              ))}
            </select>
          ) : field.kind === 'long-text' ? (
            <textarea id={id} name={field.name} rows={6} {...described} />
          ) : (
            <input
              id={id}
              name={field.name}
              type={TYPES[field.kind]}
              autoComplete={COMPLETES[field.kind]}
              {...described}
            />
          )}
        </>
      )}
      {note && (
        <p id={`${id}-note`} className={error ? 'field-note field-error' : 'field-note'}>
          {note}
        </p>
      )}
    </div>
  );
}
