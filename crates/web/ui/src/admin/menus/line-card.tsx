import {
  ChevronDown,
  ChevronUp,
  FileText,
  Heading,
  IndentDecrease,
  IndentIncrease,
  Link2,
  X,
} from 'lucide-react';
import { useId } from 'react';
import type { MenuPage } from '../../api/types';
import { fill } from '../../i18n/language';
import { Button } from '../../ui/button';
import { TextField } from '../../ui/field';
import { PageField } from '../pages/page-field';
import { words } from '../words/words';
import type { Line } from './menu-lines';

export const LINE_ICONS = { page: FileText, address: Link2, heading: Heading };

type Moves = Record<'up' | 'down' | 'shallower' | 'deeper', Line[] | null>;

const MOVES = [
  ['up', ChevronUp],
  ['down', ChevronDown],
  ['shallower', IndentDecrease],
  ['deeper', IndentIncrease],
] as const;

type Props = {
  line: Line;
  pages: MenuPage[];
  problem: string | undefined;
  isOpen: boolean;
  /** The lines after each move; null where it cannot be made. */
  moves: Moves;
  onToggle: () => void;
  onMove: (lines: Line[]) => void;
  /** `page`: which was chosen, so that its title is known. */
  onChange: (line: Line, page?: MenuPage) => void;
  onRemove: (label: string) => void;
};

/** A line of a menu: where it leads, and what it says. */
export function LineCard(props: Props) {
  const { line, pages, isOpen, moves, problem, onToggle, onMove, onChange, onRemove } = props;
  const said = words().menus;
  const id = useId();
  const page = pages.find(one => one.id === line.page);
  const label = labelOf(line, page);
  return (
    <li
      className="rounded-xl border border-line bg-surface shadow-card"
      style={{ marginLeft: `${line.depth * 1.5}rem` }}
    >
      <div className="flex flex-wrap items-center gap-x-1 p-2">
        <button
          type="button"
          aria-expanded={isOpen}
          aria-controls={id}
          onClick={onToggle}
          className="flex min-w-0 flex-1 basis-40 cursor-pointer items-center gap-3 rounded-lg px-2 py-1.5 text-left hover:bg-sunken"
        >
          <LineSummary line={line} page={page} problem={problem} />
        </button>
        <span className="ml-auto flex">
          {MOVES.map(([move, MoveIcon]) => (
            <Button
              key={move}
              tone="quiet"
              size="icon"
              aria-label={fill(said[move], { label })}
              isDisabled={moves[move] === null}
              onPress={() => moves[move] && onMove(moves[move])}
            >
              <MoveIcon aria-hidden />
            </Button>
          ))}
          <Button
            tone="quiet"
            size="icon"
            aria-label={fill(said.remove, { label })}
            onPress={() => onRemove(label)}
          >
            <X aria-hidden />
          </Button>
        </span>
      </div>
      <div id={id} hidden={!isOpen} className="border-t border-line p-4">
        {isOpen && (
          <div className="grid gap-4">
            {line.kind === 'page' && (
              <PageField
                page={page ?? null}
                onChoose={chosen => onChange({ ...line, page: chosen.id }, chosen)}
              />
            )}
            {line.kind === 'address' && (
              <TextField
                label={said.address}
                maxLength={2000}
                spellCheck={false}
                value={line.url}
                hint={said.address_hint}
                onChange={event => onChange({ ...line, url: event.target.value })}
              />
            )}
            <TextField
              label={said.label}
              maxLength={100}
              value={line.label}
              hint={line.kind === 'page' ? said.label_hint : undefined}
              onChange={event => onChange({ ...line, label: event.target.value })}
            />
          </div>
        )}
      </div>
    </li>
  );
}

type SummaryProps = { line: Line; page: MenuPage | undefined; problem?: string | undefined };

/** What a line says and where it leads, at a glance. */
export function LineSummary({ line, page, problem }: SummaryProps) {
  const Icon = LINE_ICONS[line.kind];
  return (
    <>
      <Icon aria-hidden className="size-[1.15rem] shrink-0 text-ink-faint" />
      <span className="min-w-0 flex-1">
        <span className="block truncate font-medium">{labelOf(line, page)}</span>
        <span className={`block truncate text-sm ${problem ? 'text-danger' : 'text-ink-faint'}`}>
          {problem ?? target(line, page)}
        </span>
      </span>
    </>
  );
}

const labelOf = (line: Line, page: MenuPage | undefined) =>
  line.label || page?.title || line.url || words().menus.no_label;

function target(line: Line, page: MenuPage | undefined): string {
  const said = words().menus;
  if (line.kind === 'heading') return said.heading;
  if (line.kind === 'address') return line.url;
  if (!page) return line.page ? said.page_gone : said.no_page;
  return page.status === 'published' ? `/${page.slug}` : `/${page.slug}, ${said.not_published}`;
}
