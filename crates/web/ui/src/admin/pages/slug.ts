import { fill } from '../../i18n/language';
import { words } from '../words/words';

// Letters that Unicode does not take apart into a base letter and a mark.
const SPECIAL: Record<string, string> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ł: 'l',
  þ: 'th',
  ı: 'i',
};

const LENGTH_MAX = 80;

/** The first parts of a path that the server keeps for itself. */
const RESERVED = [
  'admin',
  'api',
  'media',
  'assets',
  'search',
  'livez',
  'readyz',
  'health',
  'metrics',
  'startupz',
];

/** The address suggested for a title: "Über uns & mehr" becomes "uber-uns-mehr". */
export function suggestSlug(title: string): string {
  const words = title
    .toLowerCase()
    .replace(/[ßæœøđðłþı]/g, letter => SPECIAL[letter] ?? '')
    .normalize('NFKD')
    .replace(/\p{Mark}|['’]/gu, '')
    .split(/[^a-z0-9]+/)
    .filter(Boolean);
  let slug = '';
  for (const word of words) {
    const longer = slug ? `${slug}-${word}` : word;
    if (longer.length > LENGTH_MAX) return slug || word.slice(0, LENGTH_MAX);
    slug = longer;
  }
  return slug;
}

/** What is wrong with an address, said while it is typed. The server has the last word. */
export function slugProblem(slug: string): string | true {
  if (slug === '') return true;
  if (!/^[a-z0-9]+([-/][a-z0-9]+)*$/.test(slug)) {
    return words().pages.slug.letters;
  }
  const first = slug.split('/')[0] ?? '';
  return RESERVED.includes(first) ? fill(words().pages.slug.reserved, { first }) : true;
}
