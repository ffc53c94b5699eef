import { ChevronDown, ChevronUp, X } from 'lucide-react';
import { useId, useState } from 'react';
import type { FormField } from '../../api/types';
import { fill } from '../../i18n/language';
import { Button } from '../../ui/button';
import { FieldNote, INPUT, TextField } from '../../ui/field';
import { words } from '../words/words';
import { FIELD_ICONS } from './field-icons';
import { FIELD_KINDS, nameFor, optionsIn, withKind } from './form-draft';

type Props = {
  field: FormField;
  at: number;
  isLast: boolean;
  isOpen: boolean;
  /** Names of the other fields. */
  taken: string[];
  problems: Record<string, string>;
  onToggle: () => void;
  onChange: (field: FormField) => void;
  onMove: (to: number) => void;
  onRemove: () => void;
};

/** One field: a line that says what it is, and below it all that can be changed. */
export function FieldCard(props: Props) {
  const { field, at, isLast, isOpen, onToggle, onMove, onRemove } = props;
  const said = words().forms;
  const id = useId();
  const label = field.label || said.no_label;
  const Icon = FIELD_ICONS[field.kind];
  return (
    <li className="rounded-xl border border-line bg-surface shadow-card">
      <div className="flex items-center gap-1 p-2">
        <button
          type="button"
          aria-expanded={isOpen}
          aria-controls={id}
          onClick={onToggle}
          className="flex min-w-0 flex-1 cursor-pointer items-center gap-3 rounded-lg px-2 py-1.5 text-left hover:bg-sunken"
        >
          <Icon aria-hidden className="size-[1.15rem] shrink-0 text-ink-faint" />
          <span className="min-w-0 flex-1">
            <span className="block truncate font-medium">{label}</span>
            <span className="block truncate text-sm text-ink-faint">
              {said.field_kinds[field.kind]}
              {field.required && `, ${said.must}`}
            </span>
          </span>
        </button>
        <Button
          tone="quiet"
          size="icon"
          aria-label={fill(said.up, { label })}
          isDisabled={at === 0}
          onPress={() => onMove(at - 1)}
        >
          <ChevronUp aria-hidden />
        </Button>
        <Button
          tone="quiet"
          size="icon"
          aria-label={fill(said.down, { label })}
          isDisabled={isLast}
          onPress={() => onMove(at + 1)}
        >
          <ChevronDown aria-hidden />
        </Button>
        <Button
          tone="quiet"
          size="icon"
          aria-label={fill(said.remove, { label })}
          onPress={onRemove}
        >
          <X aria-hidden />
        </Button>
      </div>
      <div id={id} hidden={!isOpen} className="border-t border-line p-4">
        {isOpen && <Inside {...props} />}
      </div>
    </li>
  );
}

function Inside({ field, at, taken, problems, onChange }: Props) {
  const said = words().forms;
  const problem = (part: string) => problems[`fields/${at}/${part}`];
  // The name follows the label until somebody gives it one, and stays with fields that were sent already.
  const [follows, setFollows] = useState(false);
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <TextField
        className="sm:col-span-2"
        label={said.label}
        maxLength={300}
        value={field.label}
        error={problem('label')}
        onFocus={() => setFollows(nameFor(field.label, taken) === field.name)}
        onChange={event => {
          const label = event.target.value;
          onChange({ ...field, label, ...(follows && { name: nameFor(label, taken) }) });
        }}
      />
      <label className="grid content-start gap-1.5 text-sm font-medium text-ink-soft">
        {said.field_kind}
        <select
          className={`${INPUT} h-10 text-base text-ink`}
          value={field.kind}
          onChange={event => {
            const kind = FIELD_KINDS.find(one => one === event.target.value);
            if (kind) onChange(withKind(field, kind));
          }}
        >
          {FIELD_KINDS.map(kind => (
            <option key={kind} value={kind}>
              {said.field_kinds[kind]}
            </option>
          ))}
        </select>
      </label>
      <TextField
        label={said.key}
        maxLength={40}
        spellCheck={false}
        value={field.name}
        hint={said.key_hint}
        error={problem('name')}
        onChange={event => onChange({ ...field, name: event.target.value })}
      />
      {field.kind === 'choice' && (
        <Options
          options={field.options ?? []}
          error={problem('options')}
          onChange={options => onChange({ ...field, options })}
        />
      )}
      <TextField
        className="sm:col-span-2"
        label={said.hint}
        maxLength={300}
        value={field.hint ?? ''}
        error={problem('hint')}
        onChange={event => onChange({ ...field, hint: event.target.value })}
      />
      <label className="flex items-center gap-2.5 sm:col-span-2">
        <input
          type="checkbox"
          className="size-4 accent-accent"
          checked={field.required ?? false}
          onChange={event => onChange({ ...field, required: event.target.checked })}
        />
        {said.required}
      </label>
    </div>
  );
}

type OptionsProps = {
  options: string[];
  error: string | undefined;
  onChange: (options: string[]) => void;
};

/** Lines as they are typed, also the empty one that is just begun. */
function Options({ options, error, onChange }: OptionsProps) {
  const said = words().forms;
  const id = useId();
  const [typed, setTyped] = useState(options.join('\n'));
  return (
    <div className="sm:col-span-2">
      <label htmlFor={id} className="mb-1.5 block text-sm font-medium text-ink-soft">
        {said.options}
      </label>
      <textarea
        id={id}
        rows={4}
        aria-invalid={error ? true : undefined}
        aria-describedby={error ? `${id}-note` : undefined}
        className={`${INPUT} py-2`}
        value={typed}
        onChange={event => {
          setTyped(event.target.value);
          onChange(optionsIn(event.target.value));
        }}
      />
      <FieldNote id={`${id}-note`} error={error} />
    </div>
  );
}
