import { fill, type Language, language } from '../i18n/language';
import de from './de.json';
import en from './en.json';

/*
 * The words of the public site, and those for failures. The server has the same ones from the same files, for what it
 * writes as HTML. The admin area has its own in admin/words.
 */
export type Words = typeof en;

const CATALOGS: Record<Language, Words> = { en, de };

export const wordsIn = (spoken: Language): Words => CATALOGS[spoken];

export const words = (): Words => wordsIn(language());

/** `23 November 2026`, of the day that it is in UTC: the server, which writes it first, does not know where the reader is. */
export function dateInWords(iso: string): string {
  const date = new Date(iso);
  const { date: text, months } = words();
  const month = months[date.getUTCMonth()] ?? '';
  return fill(text, { day: date.getUTCDate(), month, year: date.getUTCFullYear() });
}
