import { fill } from '../../i18n/language';

/** A sentence of the server with what it puts in, and how another language says the same. */
export type Sentence = [english: string, other: string];

/** Says a sentence of the server in another language, with the same numbers and names in it; as it came where it is not known. */
export function inOtherWords(sentences: Sentence[]): (said: string) => string {
  const known = sentences.map(([english, other]) => ({
    form: formOf(english),
    other: numbered(other),
  }));
  return said => {
    for (const { form, other } of known) {
      const match = form.exec(said);
      if (match)
        return fill(other, Object.fromEntries(match.slice(1).map((part, at) => [at, part])));
    }
    return said;
  };
}

const formOf = (english: string) =>
  new RegExp(`^${english.split('{}').map(escaped).join('(.+?)')}$`, 's');

const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');

/** `{}` after `{}` as `{0}`, `{1}`. */
function numbered(text: string): string {
  let at = -1;
  return text.replace(/\{\}/g, () => {
    at += 1;
    return `{${at}}`;
  });
}
