import { type ReactNode, useId, useState } from 'react';
import type { FormEdit } from '../../api/types';
import { fill } from '../../i18n/language';
import { FieldNote, INPUT, TextField } from '../../ui/field';
import { Section } from '../account/section';
import { fromLocalField, toLocalField } from '../pages/page-dates';
import { words } from '../words/words';
import { addressesIn } from './form-draft';

const KINDS = ['contact', 'download', 'webinar'] as const;

type Props = {
  draft: FormEdit;
  problems: Record<string, string>;
  onChange: (values: Partial<FormEdit>) => void;
};

/** All of a form but what it asks. */
export function FormDetails({ draft, problems, onChange }: Props) {
  const said = words().forms;
  const [notify, setNotify] = useState(draft.notify.join(', '));
  const [days, setDays] = useState(String(draft.kept_days));
  return (
    <>
      <Section title={said.about}>
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField
            label={said.name}
            maxLength={200}
            value={draft.title}
            error={problems.title}
            onChange={event => onChange({ title: event.target.value })}
          />
          <TextField
            label={said.address}
            maxLength={100}
            spellCheck={false}
            value={draft.slug}
            error={problems.slug}
            hint={fill(said.address_hint, { slug: draft.slug })}
            onChange={event => onChange({ slug: event.target.value })}
          />
          <label className="grid content-start gap-1.5 text-sm font-medium text-ink-soft">
            {said.kind}
            <select
              className={`${INPUT} h-10 text-base text-ink`}
              value={draft.kind}
              onChange={event => {
                const kind = KINDS.find(one => one === event.target.value);
                if (kind) onChange({ kind, ...(kind !== 'webinar' && { starts_at: null }) });
              }}
            >
              {KINDS.map(kind => (
                <option key={kind} value={kind}>
                  {said.kinds[kind]}
                </option>
              ))}
            </select>
          </label>
          <TextField
            label={said.thanks}
            maxLength={1000}
            value={draft.thanks}
            error={problems.thanks}
            hint={said.thanks_hint}
            onChange={event => onChange({ thanks: event.target.value })}
          />
          <TextField
            className={draft.kind === 'webinar' ? '' : 'sm:col-span-2'}
            label={said.link}
            maxLength={2000}
            spellCheck={false}
            value={draft.link ?? ''}
            error={problems.link}
            hint={said.link_hint}
            onChange={event => onChange({ link: event.target.value.trim() || null })}
          />
          {draft.kind === 'webinar' && (
            <TextField
              label={said.starts_at}
              type="datetime-local"
              defaultValue={toLocalField(draft.starts_at)}
              error={problems.starts_at}
              hint={said.starts_at_hint}
              onChange={({ target }) => {
                // Half a moment reads as none at all: what there is stays until it is whole.
                if (target.validity.badInput) return;
                onChange({ starts_at: fromLocalField(target.value, draft.starts_at) });
              }}
            />
          )}
        </div>
        <Check checked={draft.open} hint={said.is_open_hint} onChange={open => onChange({ open })}>
          {said.is_open}
        </Check>
      </Section>
      <Section title={said.afterwards}>
        <div className="grid gap-4">
          <TextField
            label={said.notify}
            type="text"
            inputMode="email"
            spellCheck={false}
            value={notify}
            error={problems.notify}
            hint={said.notify_hint}
            onChange={event => {
              setNotify(event.target.value);
              onChange({ notify: addressesIn(event.target.value) });
            }}
          />
          <TextField
            label={said.kept}
            inputMode="numeric"
            value={days}
            error={problems.kept_days}
            hint={said.kept_hint}
            onChange={event => {
              const typed = event.target.value.replace(/\D/g, '').slice(0, 5);
              setDays(typed);
              onChange({ kept_days: Number(typed) });
            }}
          />
        </div>
        <Check
          checked={draft.double_opt_in}
          hint={said.opt_in_hint}
          error={problems.double_opt_in}
          onChange={double_opt_in => onChange({ double_opt_in })}
        >
          {said.opt_in}
        </Check>
      </Section>
    </>
  );
}

type CheckProps = {
  checked: boolean;
  hint: string;
  error?: string | undefined;
  onChange: (checked: boolean) => void;
  children: ReactNode;
};

function Check({ checked, hint, error, onChange, children }: CheckProps) {
  const id = useId();
  return (
    <div className="mt-4">
      <label className="flex items-center gap-2.5">
        <input
          type="checkbox"
          className="size-4 shrink-0 accent-accent"
          aria-describedby={`${id}-note`}
          aria-invalid={error ? true : undefined}
          checked={checked}
          onChange={event => onChange(event.target.checked)}
        />
        {children}
      </label>
      <FieldNote id={`${id}-note`} error={error} hint={hint} />
    </div>
  );
}
