import { expect, it } from 'vitest';
import { headingsIn, matching } from './scroll-sync';

it('finds headings, and none in code', () => {
  const text = '# One\n\n```sh\n# no\n```\n\n## Two\n#three\n~~~\n## no\n```\n~~~\n### Four';
  expect(headingsIn(text).map(at => text.slice(at).split('\n')[0])).toEqual([
    '# One',
    '## Two',
    '### Four',
  ]);
});

it('is as far between two headings here as there', () => {
  const here = [0, 100, 300, 1000];
  const there = [0, 400, 500, 2000];
  expect([0, 50, 100, 200, 650, 1000, 1200].map(top => matching(top, here, there))).toEqual([
    0, 200, 400, 450, 1250, 2000, 2000,
  ]);
  expect(matching(10, [0, 0], [0, 500])).toBe(0);
});
