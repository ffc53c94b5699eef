import { useQuery } from '@tanstack/react-query';
import { UnfoldVertical } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { Revision } from '../../api/types';
import { counted } from '../../i18n/language';
import { ErrorNotice } from '../../ui/notice';
import { Bone, Loading } from '../../ui/skeleton';
import { revisionQuery } from '../queries';
import { useWords } from '../words/words';
import { type Facts, factsOf, folded, type Piece, type Row, sideBySide } from './side-by-side';

type Props = { page: string; from: number | null; to: number };

/** Two states of a page beside each other, on narrow screens one below the other. */
export function RevisionDiff({ page, from, to }: Props) {
  const said = useWords().editor;
  const before = useQuery(revisionQuery(page, from));
  const after = useQuery(revisionQuery(page, to));
  const failed = [before, after].find(query => query.isError);
  if (failed) return <ErrorNotice error={failed.error} onRetry={failed.refetch} />;
  if (!after.data || (from !== null && !before.data)) {
    return (
      <Loading what={said.what_changed}>
        <Bone className="h-40 rounded-lg" />
      </Loading>
    );
  }
  return <States key={`${from} ${to}`} before={before.data ?? null} after={after.data} />;
}

const NOTHING: Facts = { title: '', address: '', summary: '', tags: '', seo: '' };

function States({ before, after }: { before: Revision | null; after: Revision }) {
  const said = useWords().editor;
  const facts = useMemo(() => {
    const [old, now] = [before ? factsOf(before) : NOTHING, factsOf(after)];
    return (Object.keys(now) as (keyof Facts)[])
      .filter(name => old[name] !== now[name])
      .map(name => ({ name, rows: sideBySide(old[name], now[name]) }));
  }, [before, after]);
  const rows = useMemo(() => sideBySide(before?.body ?? '', after.body), [before, after]);
  const isSameText = rows.every(row => row.same);
  if (facts.length === 0 && isSameText) return <p>{said.nothing_differs}</p>;
  return (
    <section
      aria-label={said.what_changed}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with the keyboard
      tabIndex={0}
      className="max-h-[62vh] overflow-auto rounded-lg border border-line text-[0.9375rem] text-ink"
    >
      <div className="sticky top-0 z-1 grid border-b border-line bg-sunken text-sm font-medium text-ink-soft max-md:hidden md:grid-cols-2 md:divide-x md:divide-line">
        <p className="px-3 py-1.5">{said.side_before}</p>
        <p className="px-3 py-1.5">{said.side_after}</p>
      </div>
      {facts.map(({ name, rows: changed }) => (
        <div key={name} className="border-b border-line">
          <p className="bg-sunken px-3 py-1 text-xs font-medium text-ink-faint">
            {said.facts[name]}
          </p>
          {changed.map((row, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the rows stay as they are
            <RowView key={at} row={row} />
          ))}
        </div>
      ))}
      {!isSameText && <TextRows rows={rows} />}
    </section>
  );
}

function TextRows({ rows }: { rows: Row[] }) {
  const said = useWords().editor;
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  return folded(rows, open).map(part =>
    'hidden' in part ? (
      <button
        key={part.key}
        type="button"
        onClick={() => setOpen(before => new Set(before).add(part.key))}
        className="flex w-full items-center justify-center gap-2 border-y border-line bg-sunken px-3 py-1 text-sm text-ink-faint hover:text-ink [&_svg]:size-3.5"
      >
        <UnfoldVertical aria-hidden /> {counted(said.same_lines, part.hidden)}
      </button>
    ) : (
      <RowView key={part.key} row={part.row} />
    ),
  );
}

function RowView({ row: { before, after, same } }: { row: Row }) {
  return (
    <div className="grid md:grid-cols-2 md:divide-x md:divide-line">
      <Line pieces={before} tone={same ? 'same' : 'before'} />
      {same ? (
        <div className="max-md:hidden">
          <Line pieces={after} tone="same" />
        </div>
      ) : (
        <Line pieces={after} tone="after" />
      )}
    </div>
  );
}

const LINE = {
  same: { tag: 'span', line: '', piece: '' },
  before: { tag: 'del', line: 'bg-danger-soft', piece: 'bg-danger/25 no-underline' },
  after: { tag: 'ins', line: 'bg-good-soft', piece: 'bg-good/25 no-underline' },
} as const;

type LineProps = { pieces: Piece[] | null; tone: keyof typeof LINE };

function Line({ pieces, tone }: LineProps) {
  if (!pieces) return <div className="bg-sunken max-md:hidden" />;
  const { tag: Changed, line, piece } = LINE[tone];
  return (
    <p className={`min-h-7 px-3 py-0.5 break-words whitespace-pre-wrap ${line}`}>
      {pieces.map(({ text, changed }, at) =>
        changed ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: the pieces stay as they are
          <Changed key={at} className={`rounded-sm ${piece}`}>
            {text}
          </Changed>
        ) : (
          text
        ),
      )}
    </p>
  );
}
