import { expect, it } from 'vitest';
import { formatAgo, formatBytes, plural } from './format';

const NOW = Date.parse('2026-11-23T12:00:00Z');

it.each([
  ['2026-11-23T12:00:05Z', 'just now'],
  ['2026-11-23T11:59:30Z', 'just now'],
  ['2026-11-23T11:58:59Z', '1 minute ago'],
  ['2026-11-23T09:00:00Z', '3 hours ago'],
  ['2026-11-22T11:00:00Z', 'yesterday'],
  ['2026-11-01T12:00:00Z', '1 November 2026'],
])('%s is %s', (time, words) => expect(formatAgo(time, NOW)).toBe(words));

it.each([
  [0, '0 bytes'],
  [999, '999 bytes'],
  [1_000, '1.0 kB'],
  [48_213, '48 kB'],
  [1_523_712, '1.5 MB'],
  [2e12, '2000 GB'],
])('%i bytes are %s', (bytes, words) => expect(formatBytes(bytes)).toBe(words));

it('knows one from many', () => {
  expect([plural(1, 'page'), plural(0, 'page'), plural(1200, 'page')]).toEqual([
    '1 page',
    '0 pages',
    '1,200 pages',
  ]);
});
