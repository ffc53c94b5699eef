import { Plus } from 'lucide-react';
import { type SetStateAction, useState } from 'react';
import type { FormField } from '../../api/types';
import { fill } from '../../i18n/language';
import { Button } from '../../ui/button';
import { Menu, MenuItem } from '../../ui/menu';
import { say } from '../../ui/toast';
import { words } from '../words/words';
import { FieldCard } from './field-card';
import { FIELD_ICONS } from './field-icons';
import { broughtBack, FIELD_KINDS, moved, newField } from './form-draft';

const FIELDS_MAX = 30;

type Props = {
  fields: FormField[];
  problems: Record<string, string>;
  onChange: (fields: SetStateAction<FormField[]>) => void;
};

/** What the form asks, in order. One field is open at a time. */
export function FieldList({ fields, problems, onChange }: Props) {
  const said = words().forms;
  const [open, setOpen] = useState<string | null>(null);
  const replace = (at: number, field: FormField) => {
    if (open === fields[at]?.name) setOpen(field.name);
    onChange(fields.map((other, place) => (place === at ? field : other)));
  };
  const remove = (at: number) => {
    const field = fields[at];
    if (!field) return;
    onChange(fields.filter((_, place) => place !== at));
    say(fill(said.removed, { label: field.label }), 'good', {
      undo: () => onChange(now => broughtBack(now, field, at)),
    });
  };
  const add = (kind: FormField['kind']) => {
    const field = newField(kind, fields);
    onChange([...fields, field]);
    setOpen(field.name);
  };
  const found = fields.findIndex((_, at) =>
    Object.keys(problems).some(place => place.startsWith(`fields/${at}/`)),
  );
  return (
    <section aria-labelledby="fields">
      <h2 id="fields" className="mb-3 text-lg font-semibold">
        {said.fields}
      </h2>
      {fields.length === 0 && (
        <p className="rounded-xl border border-dashed border-line-strong px-6 py-8 text-center text-ink-soft">
          {said.no_fields}
        </p>
      )}
      <ol className="grid grid-cols-[minmax(0,1fr)] gap-2">
        {fields.map((field, at) => (
          <FieldCard
            // biome-ignore lint/suspicious/noArrayIndexKey: names change while they are typed
            key={at}
            field={field}
            at={at}
            isLast={at === fields.length - 1}
            isOpen={open === field.name || found === at}
            taken={fields.filter(other => other !== field).map(({ name }) => name)}
            problems={problems}
            onToggle={() => setOpen(open === field.name ? null : field.name)}
            onChange={changed => replace(at, changed)}
            onMove={to => onChange(moved(fields, at, to))}
            onRemove={() => remove(at)}
          />
        ))}
      </ol>
      {fields.length < FIELDS_MAX && (
        <div className="mt-3">
          <Menu
            label={said.add}
            placement="bottom start"
            onAction={key => {
              const kind = FIELD_KINDS.find(one => one === key);
              if (kind) add(kind);
            }}
            trigger={
              <Button>
                <Plus aria-hidden /> {said.add}
              </Button>
            }
          >
            {FIELD_KINDS.map(kind => {
              const Icon = FIELD_ICONS[kind];
              return (
                <MenuItem key={kind} id={kind} icon={<Icon aria-hidden />}>
                  {said.field_kinds[kind]}
                </MenuItem>
              );
            })}
          </Menu>
        </div>
      )}
    </section>
  );
}
