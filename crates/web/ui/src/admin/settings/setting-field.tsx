import { useId } from 'react';
import type { Setting } from '../../api/types';
import { fill } from '../../i18n/language';
import { Button } from '../../ui/button';
import { FieldNote, INPUT } from '../../ui/field';
import { formatAgo } from '../../ui/format';
import { words } from '../words/words';
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
  const said = words().settings;
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
          {edit === null && <option value="">{said.default_choice}</option>}
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
              aria-label={fill(said.take_back_of, { label })}
              onPress={() => onEdit(undefined)}
            >
              {said.take_back}
            </Button>
          )}
          {ownValue && (
            <Button
              tone="quiet"
              size="small"
              aria-label={fill(setting.kind === 'secret' ? said.remove_of : said.use_default_of, {
                label,
              })}
              onPress={() => onEdit(null)}
            >
              {setting.kind === 'secret' ? said.remove : said.use_default}
            </Button>
          )}
        </div>
      )}
    </div>
  );
}

function placeholder({ kind, is_set }: Setting, edit: Props['edit']): string {
  const said = words().settings;
  if (edit === null) return kind === 'secret' ? said.will_be_removed : said.the_default;
  if (kind !== 'secret') return '';
  return is_set ? said.is_set : said.not_set;
}

function originInWords(setting: Setting, edit: Props['edit']): string {
  const said = words().settings;
  if (setting.fixed) return fill(said.fixed, { origin: setting.origin });
  if (edit === null) return said.default_once_saved;
  if (edit !== undefined) return said.not_saved;
  if (setting.origin === 'default') return said.is_default;
  return setting.changed_at
    ? fill(said.set_ago, { ago: formatAgo(setting.changed_at) })
    : said.set_here;
}
