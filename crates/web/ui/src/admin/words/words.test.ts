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
  expect([words().pages, document.documentElement.lang]).toEqual(['Seiten', 'de']);
  await chooseLanguage('en');
  localStorage.setItem('magnetiq-language', 'de');
  await startLanguage();
  expect(language()).toBe('de');
});

it('puts the same values into the words of every language', () => {
  const places = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();
  for (const name of Object.keys(en) as (keyof typeof en)[]) {
    expect(places(de[name]), name).toEqual(places(en[name]));
  }
});
