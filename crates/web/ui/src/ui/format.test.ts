import { afterEach, expect, it } from 'vitest';
import { setLanguage } from '../i18n/language';
import { formatAgo, formatBytes, formatDuration, formatNumber } from './format';

afterEach(() => setLanguage('en'));

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

it('writes as the language does', () => {
  setLanguage('de');
  expect([
    formatAgo('2026-11-23T09:00:00Z', NOW),
    formatBytes(1_523_712),
    formatNumber(1_200),
  ]).toEqual(['vor 3 Stunden', '1,5 MB', '1.200']);
  expect([formatDuration(340), formatDuration(2_345), formatDuration(240_000)]).toEqual([
    '340 ms',
    '2,3 Sek.',
    '4 Min.',
  ]);
});
