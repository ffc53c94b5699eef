import { type ComponentProps, type ReactNode, useId } from 'react';

type Frame = { label: string; error?: string | undefined; hint?: ReactNode };

/** The shared look of everything one types into. */
export const INPUT =
  'w-full rounded-lg border border-line-strong bg-surface px-3 placeholder:text-ink-faint ' +
  'aria-invalid:border-danger disabled:opacity-60';

type TextFieldProps = Frame & ComponentProps<'input'>;

/** A labelled input whose error and hint are tied to it for screen readers. Works with `register` of react-hook-form. */
export function TextField({ label, error, hint, className = '', ...input }: TextFieldProps) {
  const id = useId();
  const note = error ?? hint;
  return (
    <div className={className}>
      <label htmlFor={id} className="mb-1.5 block text-sm font-medium text-ink-soft">
        {label}
      </label>
      <input
        {...input}
        id={id}
        aria-invalid={error ? true : undefined}
        aria-describedby={note ? `${id}-note` : undefined}
        className={`${INPUT} h-10`}
      />
      <FieldNote id={`${id}-note`} error={error} hint={hint} />
    </div>
  );
}

export function FieldNote({
  id,
  error,
  hint,
}: {
  id: string;
  error?: string | undefined;
  hint?: ReactNode;
}) {
  if (!error && !hint) return null;
  return (
    <p id={id} className={`mt-1.5 text-sm ${error ? 'text-danger' : 'text-ink-faint'}`}>
      {error ?? hint}
    </p>
  );
}
