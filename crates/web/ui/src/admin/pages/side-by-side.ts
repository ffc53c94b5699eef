import { diffArrays, diffWordsWithSpace } from 'diff';
import type { Page, Revision } from '../../api/types';

/** A piece of a line, and whether the other side has it, too. */
export type Piece = { text: string; changed: boolean };

/** A line of both states. Null: one side has nothing there. */
export type Row = { before: Piece[] | null; after: Piece[] | null; same: boolean };

/** Two texts line by line beside each other; what differs within a line is marked word by word. */
export function sideBySide(before: string, after: string): Row[] {
  const rows: Row[] = [];
  let removed: string[] = [];
  const pairUp = (added: string[]) => {
    for (let at = 0; at < Math.max(removed.length, added.length); at += 1) {
      rows.push(changedRow(removed[at], added[at]));
    }
    removed = [];
  };
  for (const part of diffArrays(linesOf(before), linesOf(after))) {
    if (part.removed) removed = part.value;
    else if (part.added) pairUp(part.value);
    else {
      pairUp([]);
      for (const line of part.value) rows.push(sameRow(line));
    }
  }
  pairUp([]);
  return rows;
}

const linesOf = (text: string) => (text === '' ? [] : text.replace(/\n$/, '').split('\n'));

function sameRow(text: string): Row {
  const line = [{ text, changed: false }];
  return { before: line, after: line, same: true };
}

function changedRow(before?: string, after?: string): Row {
  if (before === undefined || after === undefined) {
    const whole = (text?: string) => (text === undefined ? null : [{ text, changed: true }]);
    return { before: whole(before), after: whole(after), same: false };
  }
  const parts = diffWordsWithSpace(before, after);
  const side = (other: 'added' | 'removed') =>
    parts
      .filter(part => !part[other])
      .map(part => ({ text: part.value, changed: part.added || part.removed }));
  return { before: side('added'), after: side('removed'), same: false };
}

/** Rows as they are shown: of a long run that is the same, only what is next to a change. */
export type Shown = { row: Row; key: number } | { hidden: number; key: number };

const NEXT_TO_CHANGE = 2;

/** Leaves out what is the same and far from every change; `open` has the keys of runs that are shown nevertheless. */
export function folded(rows: Row[], open: ReadonlySet<number>): Shown[] {
  const isNear = rows.map(() => false);
  rows.forEach((row, at) => {
    if (row.same) return;
    isNear.fill(true, Math.max(0, at - NEXT_TO_CHANGE), at + NEXT_TO_CHANGE + 1);
  });
  const shown: Shown[] = [];
  for (let at = 0; at < rows.length; at += 1) {
    const from = at;
    while (at < rows.length && !isNear[at]) at += 1;
    const hidden = at - from;
    // A line that says how many are left out takes the place of one.
    if (hidden > 1 && !open.has(from)) shown.push({ hidden, key: from });
    else shown.push(...rows.slice(from, at).map((row, index) => ({ row, key: from + index })));
    const row = rows[at];
    if (row) shown.push({ row, key: at });
  }
  return shown;
}

/** What a page says beside its text. */
export type Facts = Record<'title' | 'address' | 'summary' | 'tags' | 'seo', string>;

/** The facts of a state; what is not known any more is empty. */
export function factsOf(state: Revision | Page): Facts {
  const { title, slug, summary, tags, seo } = state;
  return {
    title,
    address: `/${slug}`,
    summary,
    tags: tags?.join(', ') ?? '',
    seo: [seo?.title, seo?.description, seo?.canonical, seo?.noindex && 'noindex']
      .filter(Boolean)
      .join(' · '),
  };
}
