import { Plus } from 'lucide-react';
import { type SetStateAction, useState } from 'react';
import type { MenuPage } from '../../api/types';
import { fill } from '../../i18n/language';
import { Button } from '../../ui/button';
import { Menu, MenuItem } from '../../ui/menu';
import { say } from '../../ui/toast';
import { words } from '../words/words';
import { LINE_ICONS, LineCard } from './line-card';
import {
  broughtBack,
  deeper,
  LINES_MAX,
  type Line,
  movedDown,
  movedUp,
  newLine,
  removedAt,
  shallower,
  without,
} from './menu-lines';

const KINDS = ['page', 'address', 'heading'] as const;

type Props = {
  lines: Line[];
  pages: MenuPage[];
  problems: Map<number, string>;
  onChange: (lines: SetStateAction<Line[]>) => void;
};

/** The lines of a menu, in order; what is below another stands further in. One is open at a time. */
export function LineList({ lines, pages, problems, onChange }: Props) {
  const said = words().menus;
  const [open, setOpen] = useState<number | null>(null);
  // Pages that were chosen since the menu was read.
  const [chosen, setChosen] = useState<MenuPage[]>([]);
  const known = [...pages, ...chosen];
  const add = (kind: Line['kind']) => {
    const line = newLine(kind);
    onChange([...lines, line]);
    setOpen(line.key);
  };
  const remove = (at: number, label: string) => {
    const removed = removedAt(lines, at);
    onChange(without(lines, at));
    say(fill(said.removed, { label }), 'good', {
      undo: () => onChange(now => broughtBack(now, removed)),
    });
  };
  return (
    <section aria-labelledby="lines">
      <h2 id="lines" className="mb-3 text-lg font-semibold">
        {said.lines}
      </h2>
      {lines.length === 0 && (
        <p className="rounded-xl border border-dashed border-line-strong px-6 py-8 text-center text-ink-soft">
          {said.no_lines}
        </p>
      )}
      <ol className="grid grid-cols-[minmax(0,1fr)] gap-2">
        {lines.map((line, at) => (
          <LineCard
            key={line.key}
            line={line}
            pages={known}
            problem={problems.get(line.key)}
            isOpen={open === line.key || problems.has(line.key)}
            moves={{
              up: movedUp(lines, at),
              down: movedDown(lines, at),
              deeper: deeper(lines, at),
              shallower: shallower(lines, at),
            }}
            onToggle={() => setOpen(open === line.key ? null : line.key)}
            onMove={onChange}
            onChange={(changed, page) => {
              if (page) setChosen([...chosen, page]);
              onChange(lines.map(other => (other.key === line.key ? changed : other)));
            }}
            onRemove={label => remove(at, label)}
          />
        ))}
      </ol>
      {lines.length < LINES_MAX && (
        <div className="mt-3">
          <Menu
            label={said.add}
            placement="bottom start"
            onAction={key => {
              const kind = KINDS.find(one => one === key);
              if (kind) add(kind);
            }}
            trigger={
              <Button>
                <Plus aria-hidden /> {said.add}
              </Button>
            }
          >
            {KINDS.map(kind => {
              const Icon = LINE_ICONS[kind];
              return (
                <MenuItem key={kind} id={kind} icon={<Icon aria-hidden />}>
                  {said[`add_${kind}`]}
                </MenuItem>
              );
            })}
          </Menu>
        </div>
      )}
    </section>
  );
}
