import { afterEach, expect, it } from 'vitest';
import { language } from '../../i18n/language';
import { de } from './de';
import { en } from './en';
import { chooseLanguage, startLanguage, words } from './words';

afterEach(async () => {
  await chooseLanguage('en');
  localStorage.clear();
});

it('remembers what was chosen', async () => {
  await chooseLanguage('de');
  expect([words().shell.places.pages, document.documentElement.lang]).toEqual(['Seiten', 'de']);
  await chooseLanguage('en');
  localStorage.setItem('magnetiq-language', 'de');
  await startLanguage();
  expect(language()).toBe('de');
});

const places = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();

const texts = (catalog: object, path = ''): [string, string][] =>
  Object.entries(catalog).flatMap(([name, value]) =>
    typeof value === 'string' ? [[path + name, value]] : texts(value, `${path}${name}.`),
  );

it('puts the same values into the words of every language, and leaves none empty', () => {
  const german = new Map(texts(de));
  for (const [name, text] of texts(en)) {
    // Of one, the number may go without saying.
    if (!name.endsWith('.one')) expect(places(german.get(name) ?? ''), name).toEqual(places(text));
    expect([text === '', german.get(name) === ''], name).toEqual([false, false]);
  }
});
