import { expect, it } from 'vitest';
import {
  deeper,
  itemsOf,
  type Line,
  linesOf,
  movedDown,
  movedUp,
  newLine,
  problemsOfLines,
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

it('finds the line that the server means', () => {
  const lines = tree('a b> c> d');
  const found = problemsOfLines(lines, [
    { field: 'items/0/items/1/url', detail: 'No.' },
    { field: 'items/1', detail: 'Empty.' },
    { field: 'name', detail: 'Taken.' },
  ]);
  expect(lines.map(({ key }) => found.get(key))).toEqual([undefined, undefined, 'No.', 'Empty.']);
});
