import { afterEach, expect, it } from 'vitest';
import { setLanguage } from '../i18n/language';
import de from './de.json';
import en from './en.json';
import { dateInWords } from './words';

afterEach(() => setLanguage('en'));

const names = (catalog: object): string[] =>
  Object.entries(catalog).flatMap(([name, value]) =>
    typeof value === 'object' ? names(value).map(inner => `${name}.${inner}`) : [name],
  );

const places = (text: unknown) => (String(text).match(/\{\w+\}/g) ?? []).sort();

it('says the same things in every language', () => {
  expect(names(de)).toEqual(names(en));
  for (const [name, text] of Object.entries(en)) {
    expect(places(de[name as keyof typeof en]), name).toEqual(places(text));
  }
});

it('writes dates as the server does', () => {
  expect(dateInWords('2026-11-23T23:59:59Z')).toBe('23 November 2026');
  setLanguage('de');
  expect(dateInWords('2026-03-01T00:00:00Z')).toBe('1. März 2026');
});
