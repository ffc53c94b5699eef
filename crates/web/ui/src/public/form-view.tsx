import { type FormEvent, useEffect, useRef, useState } from 'react';
import { isApiError } from '../api/problem';
import { fieldProblems } from '../api/problem-places';
import type { FormField, PublicForm, Thanks } from '../api/types';
import { ErrorNotice } from '../ui/notice';
import { words } from '../words/words';
import { Given } from './given';
import { Question } from './question';
import { ask } from './server';

/** With a token that is younger than 2 seconds no answer is kept. */
const PEOPLE_TAKE_MS = 2_500;

/** A form that the team defined. What is typed stays with the browser until it is sent. */
export function FormView({ form }: { form: PublicForm }) {
  const token = useRef(form.token);
  const [failure, setFailure] = useState<unknown>(null);
  // Not before the page can send it: the browser's own way would put the answers into the address.
  const [isReady, setReady] = useState(false);
  const [thanks, setThanks] = useState<Thanks | null>(null);
  const pointers = form.fields.map(field => `answers/${field.name}`);
  const [answers, setAnswers] = useState<Answers>({});
  const { fields: problems, rest } = fieldProblems(failure, pointers);
  const address = `/api/v1/forms/${form.slug}`;

  const send = async (body: ReturnType<typeof filled>) => {
    const attempt = () =>
      ask<Thanks>(`${address}/leads`, { body: { token: token.current, ...body } });
    try {
      return await attempt();
    } catch (error) {
      if (!isApiError(error, 'form-expired')) throw error;
      // It stood open for a day: a new token takes along what was typed. Not at once, or the server takes it for a
      // program's, which is thanked and not kept.
      token.current = (await ask<PublicForm>(address)).token;
      await new Promise(resolve => setTimeout(resolve, PEOPLE_TAKE_MS));
      return await attempt();
    }
  };

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const body = filled(form, new FormData(event.currentTarget));
    setAnswers(body.answers);
    setFailure(null);
    setReady(false);
    try {
      setThanks(await send(body));
    } catch (error) {
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
          {thanks.html === '' && <p>{words().thanks}</p>}
          <Given thanks={thanks} />
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
              error={
                problems.some(problem => problem.field === `answers/${field.name}`)
                  ? whatIsWrong(field, answers[field.name])
                  : undefined
              }
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

type Answers = Record<string, string | boolean>;

const WRONG = {
  email: 'not_email',
  phone: 'not_phone',
  text: 'too_long',
  'long-text': 'too_long',
  choice: 'unanswered',
  consent: 'no_consent',
} as const;

/** The server says which answer it does not take; why, the page says in the language of the site. */
function whatIsWrong({ kind }: FormField, answer: string | boolean | undefined): string {
  return words().answers[answer || kind === 'consent' ? WRONG[kind] : 'unanswered'];
}

/** What was answered: an empty field was not. */
function filled(form: PublicForm, data: FormData) {
  const answers: Answers = {};
  for (const { name, kind } of form.fields) {
    const answer = data.get(name);
    if (answer) answers[name] = kind === 'consent' ? true : String(answer);
  }
  return { answers, website: String(data.get('website') ?? '') };
}
