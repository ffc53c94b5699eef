import { useId } from 'react';
import type { Setting } from '../../api/types';
import { Button } from '../../ui/button';
import { FieldNote, INPUT } from '../../ui/field';
import { formatAgo } from '../../ui/format';
import { wordsOf } from './setting-words';

type Props = {
  setting: Setting;
  /** What was typed and not saved yet; null for the default, none where nothing was changed. */
  edit: string | null | undefined;
  error: string | undefined;
  /** None takes the change back. */
  onEdit: (value: string | null | undefined) => void;
};

const TYPES: Record<Setting['kind'], string> = {
  text: 'text',
  number: 'text',
  choice: 'text',
  email: 'email',
  url: 'url',
  date: 'date',
  secret: 'password',
};

/** One setting: its value, where that comes from, and what the server says against a new one. */
export function SettingField({ setting, edit, error, onEdit }: Props) {
  const id = useId();
  const { label, hint } = wordsOf(setting.name);
  const saved = setting.value ?? '';
  const props = {
    id,
    name: setting.name,
    value: edit ?? (edit === null ? '' : saved),
    readOnly: setting.fixed,
    'aria-invalid': error ? true : undefined,
    'aria-describedby': `${id}-note ${id}-origin`,
    className: `${INPUT} h-10 ${setting.fixed ? 'bg-sunken text-ink-soft' : 'text-ink'}`,
  } as const;
  // A secret is never told, so an empty field means that it stays as it is; of others, that the default is wanted.
  const onType = (value: string) => {
    if (value === saved) onEdit(undefined);
    else onEdit(value === '' ? null : value);
  };
  const ownValue = setting.origin === 'database' && edit !== null;
  return (
    <div>
      <label htmlFor={id} className="mb-1.5 block text-sm font-medium text-ink-soft">
        {label}
      </label>
      {setting.kind === 'choice' && !setting.fixed ? (
        <select {...props} onChange={event => onType(event.target.value)}>
          {edit === null && <option value="">the default</option>}
          {setting.choices.map(choice => (
            <option key={choice}>{choice}</option>
          ))}
        </select>
      ) : (
        <input
          {...props}
          type={TYPES[setting.kind]}
          inputMode={setting.kind === 'number' ? 'numeric' : undefined}
          placeholder={placeholder(setting, edit)}
          autoComplete={setting.kind === 'secret' ? 'new-password' : 'off'}
          spellCheck={setting.kind === 'text' && setting.name.startsWith('site.')}
          onChange={event => onType(event.target.value)}
        />
      )}
      <FieldNote id={`${id}-note`} error={error} hint={hint} />
      <p id={`${id}-origin`} className="mt-0.5 text-sm break-words text-ink-faint">
        {originInWords(setting, edit)}
      </p>
      {(ownValue || edit !== undefined) && (
        <div className="mt-1 -ml-3 flex flex-wrap">
          {edit !== undefined && (
            <Button
              tone="quiet"
              size="small"
              aria-label={`Take back the change of ${label}`}
              onPress={() => onEdit(undefined)}
            >
              Take back
            </Button>
          )}
          {ownValue && (
            <Button
              tone="quiet"
              size="small"
              aria-label={
                setting.kind === 'secret' ? `Remove ${label}` : `Use the default of ${label}`
              }
              onPress={() => onEdit(null)}
            >
              {setting.kind === 'secret' ? 'Remove' : 'Use the default'}
            </Button>
          )}
        </div>
      )}
    </div>
  );
}

function placeholder({ kind, is_set }: Setting, edit: Props['edit']): string {
  if (edit === null) return kind === 'secret' ? 'Will be removed' : 'The default';
  if (kind !== 'secret') return '';
  return is_set ? 'Set; type to replace it' : 'Not set';
}

function originInWords(setting: Setting, edit: Props['edit']): string {
  if (setting.fixed) return `Set by ${setting.origin}; it can be changed only there.`;
  if (edit === null) return 'The default, once you save.';
  if (edit !== undefined) return 'Not saved yet.';
  if (setting.origin === 'default') return 'The default.';
  return setting.changed_at ? `Set here ${formatAgo(setting.changed_at)}.` : 'Set here.';
}
