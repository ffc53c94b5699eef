import type { FormField } from '../api/types';
import { fill } from '../i18n/language';
import { type Words, words } from '../words/words';

const TYPES = { email: 'email', phone: 'tel', text: 'text' } as const;
const COMPLETES = { email: 'email', phone: 'tel', text: 'on' } as const;

type Props = {
  field: FormField;
  error: string | undefined;
  /** In another language than the page around it. */
  said?: Words;
};

/** One field of a form. The editor of forms shows the same. */
export function Question({ field, error, said = words() }: Props) {
  const id = `field-${field.name}`;
  const label = field.required ? field.label : fill(said.optional, { label: field.label });
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
              <option value="">{said.choose}</option>
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
