import { fill } from '../../i18n/language';

/* The first that fits: each browser says that it is the ones below it, too. */
const BROWSERS: [name: string, sign: RegExp][] = [
  ['Edge', /Edg(e|A|iOS)?\//],
  ['Opera', /OPR\//],
  ['Firefox', /Firefox\/|FxiOS\//],
  ['Chrome', /Chrome\/|CriOS\//],
  ['Safari', /Safari\//],
];
const SYSTEMS: [name: string, sign: RegExp][] = [
  ['iPhone', /iPhone/],
  ['iPad', /iPad/],
  ['Android', /Android/],
  ['Windows', /Windows/],
  ['macOS', /Mac OS X/],
  ['Linux', /Linux|X11/],
];

/** “Firefox on Windows”, from what a browser says of itself; null for other programs. */
export function deviceIn(agent: string, words: string): string | null {
  const first = (known: typeof BROWSERS) => known.find(([, sign]) => sign.test(agent))?.[0];
  const [browser, system] = [first(BROWSERS), first(SYSTEMS)];
  return browser && system ? fill(words, { browser, system }) : null;
}
