import { X } from 'lucide-react';
import { type KeyboardEvent, useId, useRef, useState } from 'react';
import { fill } from '../../i18n/language';
import { FieldNote, INPUT } from '../../ui/field';
import { useWords } from '../words/words';

type Props = {
  label: string;
  tags: string[];
  /** Tags that are in use already. */
  known: string[];
  error?: string | undefined;
  disabled?: boolean;
  onChange: (tags: string[]) => void;
};

/** Tags as chips: Enter or a comma makes one of what is typed, Backspace in the empty field takes the last one back. */
export function TagsField({ label, tags, known, error, disabled, onChange }: Props) {
  const said = useWords().library;
  const id = useId();
  const [typed, setTyped] = useState('');
  const input = useRef<HTMLInputElement>(null);

  const add = (text: string) => {
    const more = tagsIn(text).filter(tag => !tags.includes(tag));
    if (more.length > 0) onChange([...tags, ...more].sort());
    setTyped('');
  };
  const remove = (tag: string) => {
    onChange(tags.filter(other => other !== tag));
    input.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const last = tags.at(-1);
    if (event.key === 'Enter') {
      event.preventDefault();
      add(typed);
    } else if (event.key === 'Backspace' && typed === '' && last) remove(last);
  };

  return (
    <div>
      <label htmlFor={id} className="mb-1.5 block text-sm font-medium text-ink-soft">
        {label}
      </label>
      <div className={`${INPUT} flex min-h-10 flex-wrap items-center gap-1.5 py-1 pl-1.5`}>
        {tags.map(tag => (
          <span
            key={tag}
            className="inline-flex items-center gap-1 rounded-md bg-accent-soft py-0.5 pr-1 pl-2 text-sm text-accent-strong"
          >
            {tag}
            {!disabled && (
              <button
                type="button"
                aria-label={fill(said.tag_remove, { tag })}
                onClick={() => remove(tag)}
                className="grid size-5 place-items-center rounded hover:bg-surface"
              >
                <X aria-hidden className="size-3.5" />
              </button>
            )}
          </span>
        ))}
        <input
          ref={input}
          id={id}
          list={`${id}-known`}
          value={typed}
          disabled={disabled}
          autoComplete="off"
          aria-invalid={error ? true : undefined}
          aria-describedby={`${id}-note`}
          onKeyDown={onKeyDown}
          onBlur={() => add(typed)}
          onChange={({ target: { value } }) => (value.includes(',') ? add(value) : setTyped(value))}
          className="h-7 min-w-24 flex-1 bg-transparent px-1.5 outline-none"
        />
        <datalist id={`${id}-known`}>
          {known
            .filter(tag => !tags.includes(tag))
            .map(tag => (
              <option key={tag} value={tag} />
            ))}
        </datalist>
      </div>
      <FieldNote id={`${id}-note`} error={error} hint={disabled ? undefined : said.tags_hint} />
    </div>
  );
}

export const tagsIn = (typed: string): string[] => [
  ...new Set(
    typed
      .split(',')
      .map(tag => tag.trim().toLowerCase())
      .filter(Boolean),
  ),
];
