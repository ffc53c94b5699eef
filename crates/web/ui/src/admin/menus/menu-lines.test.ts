import { expect, it } from 'vitest';
import {
  broughtBack,
  deeper,
  itemsOf,
  type Line,
  linesOf,
  movedDown,
  movedUp,
  newLine,
  problemsOfLines,
  removedAt,
  shallower,
  without,
} from './menu-lines';

/** `a b> c>> d` is a line a with b below it and c below that, and then d. */
const tree = (text: string): Line[] =>
  text.split(' ').map(word => {
    const label = word.replaceAll('>', '');
    return { ...newLine('heading', word.length - label.length), label };
  });

const shown = (lines: Line[] | null): string | null =>
  lines === null ? null : lines.map(({ label, depth }) => label + '>'.repeat(depth)).join(' ');

it('is the same tree behind as before', () => {
  const items = [
    {
      label: 'Guides',
      page: null,
      url: null,
      items: [{ label: '', page: 'p', url: null, items: [] }],
    },
    { label: 'Search', page: null, url: '/search', items: [] },
  ];
  expect(itemsOf(linesOf(items))).toEqual(items);
});

it.each([
  ['a b> c', 2, 'c a b>'],
  ['a b> c> d', 2, 'a c> b> d'],
  ['a b> c', 1, null],
  ['a b', 0, null],
])('%s with line %d moved up', (text, at, moved) =>
  expect(shown(movedUp(tree(text), at))).toBe(moved),
);

it.each([
  ['a b> c', 0, 'c a b>'],
  ['a b> c', 1, null],
  ['a b', 1, null],
])('%s with line %d moved down', (text, at, moved) =>
  expect(shown(movedDown(tree(text), at))).toBe(moved),
);

it.each([
  ['a b c>', 1, 'a b> c>>'],
  ['a b> c', 2, 'a b> c>'],
  ['a b> c>', 2, 'a b> c>>'],
  ['a b> c>> d', 3, 'a b> c>> d>'],
  ['a', 0, null],
  ['a b>', 1, null],
  ['a b c> d>>', 1, null],
])('%s with line %d deeper', (text, at, moved) =>
  expect(shown(deeper(tree(text), at))).toBe(moved),
);

it.each([
  ['a b> c>>', 1, 'a b c>'],
  ['a b> c>', 1, 'a b c>'],
  ['a', 0, null],
])('%s with line %d one level up', (text, at, moved) =>
  expect(shown(shallower(tree(text), at))).toBe(moved),
);

it('removes what is below as well', () => {
  expect(shown(without(tree('a b> c>> d> e'), 1))).toBe('a d> e');
});

const named = (lines: Line[], name: string) => lines.findIndex(({ label }) => label === name);

it.each<[text: string, gone: string, meanwhile: (lines: Line[]) => Line[], shown: string]>([
  ['a b> c d', 'c', lines => lines, 'a b> c d'],
  ['a b> c>> d', 'a', lines => lines, 'a b> c>> d'],
  ['a b> c>> d', 'b', lines => [...lines, ...tree('e')], 'a b> c>> d e'],
  // Others came before it, or went.
  ['a b c', 'c', lines => [...tree('x y'), ...lines], 'x y a b c'],
  ['a b c d', 'c', lines => without(lines, named(lines, 'b')), 'a d c'],
  ['a b c', 'c', lines => movedUp(lines, 1) ?? [], 'b c a'],
  // No line is more than one level below the one above it.
  ['a b> c>>', 'c', lines => shallower(lines, 1) ?? [], 'a b c>'],
  ['a b>', 'b', () => [], 'b'],
  // What was put below the line above it stays there.
  ['a b c', 'b', lines => deeper(lines, 1) ?? [], 'a c> b'],
])('%s without %s, changed meanwhile, gets it back', (text, gone, meanwhile, expected) => {
  const lines = tree(text);
  const at = named(lines, gone);
  const now = meanwhile(without(lines, at));
  expect(shown(broughtBack(now, removedAt(lines, at)))).toBe(expected);
});

it('finds the line that the server means', () => {
  const lines = tree('a b> c> d');
  const found = problemsOfLines(lines, [
    { field: 'items/0/items/1/url', detail: 'No.' },
    { field: 'items/1', detail: 'Empty.' },
    { field: 'name', detail: 'Taken.' },
  ]);
  expect(lines.map(({ key }) => found.get(key))).toEqual([undefined, undefined, 'No.', 'Empty.']);
});
