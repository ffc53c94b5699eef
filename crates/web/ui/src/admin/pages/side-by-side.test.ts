import { expect, it } from 'vitest';
import { folded, type Piece, sideBySide } from './side-by-side';

/** As text, with what changed in brackets. */
const written = (pieces: Piece[] | null) =>
  pieces?.map(({ text, changed }) => (changed ? `[${text}]` : text)).join('') ?? null;

const rows = (before: string, after: string) =>
  sideBySide(before, after).map(row => [written(row.before), written(row.after)]);

it('marks the words that differ', () => {
  expect(rows('The sea is grey.', 'The sea was very grey.')).toEqual([
    ['The sea [is] grey.', 'The sea [was] [very ]grey.'],
  ]);
});

it('sets what came and what went beside nothing', () => {
  expect(rows('One.\nTwo.\n', 'One.\nNew.\nMore.\nTwo.\n')).toEqual([
    ['One.', 'One.'],
    [null, '[New.]'],
    [null, '[More.]'],
    ['Two.', 'Two.'],
  ]);
  expect(rows('One.\nTwo.', 'One.')).toEqual([
    ['One.', 'One.'],
    ['[Two.]', null],
  ]);
  expect(rows('', 'First.')).toEqual([[null, '[First.]']]);
});

it('has nothing to say of what is the same', () => {
  expect(sideBySide('a\nb', 'a\nb').every(row => row.same)).toBe(true);
  expect(sideBySide('', '')).toEqual([]);
});

const text = (lines: number, changed: number) =>
  Array.from({ length: lines }, (_, at) => (at === changed ? 'changed' : `line ${at}`)).join('\n');

it('leaves out what is far from every change, until it is asked for', () => {
  const shown = folded(sideBySide(text(20, -1), text(20, 10)), new Set());
  expect(shown.map(part => ('hidden' in part ? part.hidden : part.key))).toEqual([
    8, 8, 9, 10, 11, 12, 7,
  ]);
  const opened = folded(sideBySide(text(20, -1), text(20, 10)), new Set([0]));
  expect(opened.slice(0, 9).map(part => part.key)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
});

it('leaves out no single line', () => {
  const shown = folded(sideBySide(text(7, 3), text(7, 3).replace('changed', 'new')), new Set());
  expect(shown).toHaveLength(7);
});
