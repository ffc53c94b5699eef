import { useSyncExternalStore } from 'react';
import { translateSentences } from '../../api/problem';
import { type Language, languageOf, language as now, setLanguage } from '../../i18n/language';
import { en } from './en';
import { inOtherWords } from './in-other-words';

/*
 * The words of the admin area: English is in its bundle, every other language is fetched when it is chosen. Whoever
 * works here chooses; the language of the site is another matter.
 */
export type AdminWords = WordsLike<typeof en>;

/** The same names, whatever the words: what is missing in a language, or too much, does not compile. */
type WordsLike<T> = { [Name in keyof T]: T[Name] extends string ? string : WordsLike<T[Name]> };

const KEY = 'magnetiq-language';
const CATALOGS: Record<Language, () => Promise<AdminWords>> = {
  en: async () => en,
  de: async () => (await import('./de')).de,
};

let current: AdminWords = en;
const listeners = new Set<() => void>();

/** The words in the language that was chosen. `AdminApp` draws everything anew when that changes, and keeps what was typed. */
export const words = (): AdminWords => current;

export function useWords(): AdminWords {
  return useSyncExternalStore(notify => {
    listeners.add(notify);
    return () => listeners.delete(notify);
  }, words);
}

/** Before anything is drawn: what was chosen here, or else what the browser speaks. */
export function startLanguage(): Promise<void> {
  return use(languageOf(chosen() ?? navigator.language));
}

export async function chooseLanguage(language: Language): Promise<void> {
  await use(language);
  try {
    localStorage.setItem(KEY, language);
  } catch {
    // Storage may be forbidden; the choice then lasts until the tab is closed.
  }
}

export const nextLanguage = (): Language => (now() === 'en' ? 'de' : 'en');

async function use(language: Language) {
  current = await CATALOGS[language]();
  setLanguage(language);
  translateSentences(inOtherWords(current.sentences));
  document.documentElement.lang = language;
  for (const notify of listeners) notify();
}

function chosen(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}
