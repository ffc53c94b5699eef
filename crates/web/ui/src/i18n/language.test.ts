import { expect, it } from 'vitest';
import { fill, languageOf } from './language';

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
