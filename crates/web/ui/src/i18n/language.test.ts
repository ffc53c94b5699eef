import { expect, it } from 'vitest';
import { counted, fill, languageOf } from './language';

it('takes the first part of a tag, and English for what it does not speak', () => {
  expect(['de-CH', 'DE', 'en-GB', 'fr', ''].map(languageOf)).toEqual([
    'de',
    'de',
    'en',
    'en',
    'en',
  ]);
});

it('puts values in and does not read them again', () => {
  expect(fill('{a} and {b}', { a: '{b}', b: 2 })).toBe('{b} and 2');
  expect(fill('{unknown}', {})).toBe('');
});

it('counts in words', () => {
  const pages = { one: '{count} page of {all}', other: '{count} pages of {all}' };
  expect([1, 0, 1_200].map(count => counted(pages, count, { all: 'them' }))).toEqual([
    '1 page of them',
    '0 pages of them',
    '1,200 pages of them',
  ]);
});
