import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useEffect, useId, useState } from 'react';
import { answer, api } from '../api/client';
import { isApiError } from '../api/problem';
import { fieldProblems } from '../api/problem-places';
import { siteQuery } from '../api/public-queries';
import type { FormField, PublicForm } from '../api/types';
import { buttonClass } from '../ui/button-class';
import { FieldNote, INPUT, TextField } from '../ui/field';
import { useArrivalFocus, useTitle } from '../ui/hooks';
import { ErrorNotice } from '../ui/notice';
import { Bone, Loading } from '../ui/skeleton';
import { NotFound } from './not-found';

const loadForm = async (slug: string) =>
  (await answer(api.GET('/api/v1/forms/{slug}', { params: { path: { slug } } }))).data;

/** A form that the team defined. Each visit has a token of its own, so nothing of it is kept for the next one. */
export function FormView({ slug }: { slug: string }) {
  const form = useQuery({ queryKey: ['form', slug], queryFn: () => loadForm(slug), gcTime: 0 });
  if (isApiError(form.error, 'form-not-found')) return <NotFound key={slug} />;
  return (
    <div className="mx-auto max-w-[36rem] px-4 pt-12 sm:px-6 sm:pt-16">
      {form.isError ? (
        <ErrorNotice error={form.error} onRetry={form.refetch} />
      ) : !form.data ? (
        <Loading what="the form">
          <Bone className="h-10 w-3/4" />
          <Bone className="mt-8 h-64" />
        </Loading>
      ) : (
        <Filling key={slug} form={form.data} />
      )}
    </div>
  );
}

type Answers = Record<string, string | boolean>;

function Filling({ form }: { form: PublicForm }) {
  const { data: site } = useQuery(siteQuery);
  const heading = useArrivalFocus<HTMLHeadingElement>();
  useTitle(form.title, site?.title);
  const [answers, setAnswers] = useState<Answers>({});
  const [trap, setTrap] = useState('');
  const [token, setToken] = useState(form.token);
  const [failure, setFailure] = useState<unknown>(null);
  const [sending, setSending] = useState(false);
  const [thanks, setThanks] = useState<{ thanks: string; to_confirm: boolean } | null>(null);
  const pointers = form.fields.map(field => `answers/${field.name}`);
  const { fields: problems, rest } = fieldProblems(failure, pointers);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setFailure(null);
    setSending(true);
    try {
      setThanks(await send(form.slug, { token, answers, website: trap }));
    } catch (error) {
      // It stood open for a day: what was typed stays, and a new token takes it along.
      if (isApiError(error, 'form-expired')) setToken((await loadForm(form.slug)).token);
      setFailure(error);
    }
    setSending(false);
  };

  // The first field that does not fit.
  useEffect(() => {
    if (failure) document.querySelector<HTMLElement>('[aria-invalid=true]')?.focus();
  }, [failure]);

  return (
    <>
      <h1 ref={heading} tabIndex={-1} className="mb-8 text-4xl font-bold">
        {form.title}
      </h1>
      {thanks ? (
        <div role="status" className="grid gap-3">
          <p className="whitespace-pre-line">{thanks.thanks || 'Thank you.'}</p>
          {thanks.to_confirm && (
            <p>We sent you a letter with a link. Please confirm your address.</p>
          )}
        </div>
      ) : (
        <form onSubmit={submit} noValidate className="grid gap-5">
          {failure !== null && (problems.length === 0 || rest.length > 0) && (
            <ErrorNotice error={failure} />
          )}
          {form.fields.map(field => (
            <Question
              key={field.name}
              field={field}
              value={answers[field.name]}
              error={problems.find(problem => problem.field === `answers/${field.name}`)?.detail}
              onChange={value => setAnswers(now => ({ ...now, [field.name]: value }))}
            />
          ))}
          {/* People don't see it, and the keyboard passes it by. */}
          <div aria-hidden="true" className="absolute -left-[200vw]">
            <label>
              Website
              <input
                tabIndex={-1}
                autoComplete="off"
                value={trap}
                onChange={event => setTrap(event.target.value)}
              />
            </label>
          </div>
          <button type="submit" className={buttonClass('primary')} disabled={sending}>
            {sending ? 'Sending…' : 'Send'}
          </button>
        </form>
      )}
    </>
  );
}

async function send(slug: string, body: { token: string; answers: Answers; website: string }) {
  const call = api.POST('/api/v1/forms/{slug}/leads', { params: { path: { slug } }, body });
  return (await answer(call)).data;
}

type QuestionProps = {
  field: FormField;
  value: string | boolean | undefined;
  error: string | undefined;
  onChange: (value: string | boolean) => void;
};

const TYPES = { email: 'email', phone: 'tel', text: 'text' } as const;
const COMPLETES = { email: 'email', phone: 'tel', text: 'on' } as const;

function Question({ field, value, error, onChange }: QuestionProps) {
  const id = useId();
  const label = field.required ? field.label : `${field.label} (optional)`;
  const text = typeof value === 'string' ? value : '';
  const note = error || field.hint ? `${id}-note` : undefined;
  const shared = {
    id,
    'aria-invalid': error ? true : undefined,
    'aria-describedby': note,
    'aria-required': field.required,
  };
  switch (field.kind) {
    case 'email':
    case 'phone':
    case 'text':
      return (
        <TextField
          label={label}
          type={TYPES[field.kind]}
          autoComplete={COMPLETES[field.kind]}
          hint={field.hint}
          error={error}
          aria-required={field.required}
          value={text}
          onChange={event => onChange(event.target.value)}
        />
      );
    case 'consent':
      return (
        <div>
          <label className="flex items-start gap-3">
            <input
              {...shared}
              type="checkbox"
              className="mt-1 size-4"
              checked={value === true}
              onChange={event => onChange(event.target.checked)}
            />
            <span>{label}</span>
          </label>
          <FieldNote id={`${id}-note`} error={error} hint={field.hint} />
        </div>
      );
    default:
      return (
        <div>
          <label htmlFor={id} className="mb-1.5 block text-sm font-medium text-ink-soft">
            {label}
          </label>
          {field.kind === 'choice' ? (
            <select
              {...shared}
              className={`${INPUT} h-10`}
              value={text}
              onChange={event => onChange(event.target.value)}
            >
              <option value="">Choose…</option>
              {field.options?.map(option => (
                <option key={option}>{option}</option>
              ))}
            </select>
          ) : (
            <textarea
              {...shared}
              rows={6}
              className={`${INPUT} py-2`}
              value={text}
              onChange={event => onChange(event.target.value)}
            />
          )}
          <FieldNote id={`${id}-note`} error={error} hint={field.hint} />
        </div>
      );
  }
}
