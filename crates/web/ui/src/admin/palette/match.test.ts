import { expect, it } from 'vitest';
import { match } from './match';

const marked = (typed: string, text: string): string | null => {
  const found = match(typed, text);
  return (
    found &&
    [...text].map((letter, at) => (found.at.includes(at) ? `[${letter}]` : letter)).join('')
  );
};

it.each([
  ['', 'Pages', 'Pages'],
  ['pag', 'Pages', '[P][a][g]es'],
  ['wpg', 'Write a page', '[W]rite a [p]a[g]e'],
  ['page wri', 'Write a page', '[W][r][i]te a [p][a][g][e]'],
  ['uber', 'Übersicht', '[Ü][b][e][r]sicht'],
  ['og', 'Audit log', 'Audit l[o][g]'],
  ['zq', 'Pages', null],
  ['segap', 'Pages', null],
  ['pages nothing', 'Pages', null],
])('“%s” in “%s” is %s', (typed, text, shown) => expect(marked(typed, text)).toBe(shown));

it('prefers the start of the text, then of a word, then whole words, then letters', () => {
  const texts = ['Settings', 'Reset', 'Test settings', 'Such exact tea'];
  const scores = texts.map(text => match('set', text)?.score ?? 0);
  expect(
    scores
      .map((score, at) => [score, texts[at]])
      .sort((a, b) => Number(b[0]) - Number(a[0]))
      .map(([, text]) => text),
  ).toEqual(['Settings', 'Test settings', 'Reset', 'Such exact tea']);
});
