/** The languages that the page speaks. The content may be in others; the words around it are English then. */
export const LANGUAGES = ['en', 'de'] as const;
export type Language = (typeof LANGUAGES)[number];

/** How each writes dates and numbers. */
const LOCALES: Record<Language, string> = { en: 'en-GB', de: 'de-DE' };

let current: Language = 'en';

/** The language of what is on the screen. Whoever changes it draws anew. */
export const language = (): Language => current;

/** What `Intl` is asked with. */
export const locale = (): string => LOCALES[current];

/** From a tag of BCP 47, such as `de-CH`. */
export function languageOf(tag: string): Language {
  const first = tag.split('-')[0]?.toLowerCase();
  return LANGUAGES.find(known => known === first) ?? 'en';
}

export function setLanguage(next: Language): void {
  current = next;
}

/** Puts values into their places: `{name}`. The server does the same, in page/words.rs. */
export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));
}

/** What is said of one, and what of any other number. */
export type Counted = { one: string; other: string };

/** The words that fit the number, with it in the place of `{count}`. */
export function counted(
  words: Counted,
  count: number,
  values: Record<string, string | number> = {},
): string {
  const isOne = new Intl.PluralRules(locale()).select(count) === 'one';
  const shown = new Intl.NumberFormat(locale()).format(count);
  return fill(isOne ? words.one : words.other, { ...values, count: shown });
}
