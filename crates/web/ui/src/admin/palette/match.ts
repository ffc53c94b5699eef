/** How well a text fits what was typed, and the places of the letters that do. */
export type Match = { score: number; at: number[] };

const WORD = 100;
const LETTERS = 40;
const AT_WORD_START = 30;
const AT_START = 20;

/** Letter by letter, so that places stay: without case, and without what stands above or below a letter. */
const fold = (text: string): string[] =>
  [...text].map(letter => letter.normalize('NFD').charAt(0).toLowerCase());

const startsWord = (letters: string[], at: number): boolean =>
  at === 0 || !/[\p{L}\p{N}]/u.test(letters[at - 1] ?? '');

/** Each word that was typed must be there, whole or with its letters in order; none where one is not. */
export function match(typed: string, text: string): Match | null {
  const letters = fold(text);
  const words = typed.trim().split(/\s+/).filter(Boolean).map(fold);
  const places = new Set<number>();
  let score = 0;
  for (const word of words) {
    const found = whole(word, letters) ?? inOrder(word, letters);
    if (!found) return null;
    score += found.score;
    for (const at of found.at) places.add(at);
  }
  return { score, at: [...places].sort((a, b) => a - b) };
}

function whole(word: string[], letters: string[]): Match | null {
  let best: Match | null = null;
  for (let start = 0; start + word.length <= letters.length; start += 1) {
    if (!word.every((letter, offset) => letters[start + offset] === letter)) continue;
    const bonus = (startsWord(letters, start) ? AT_WORD_START : 0) + (start === 0 ? AT_START : 0);
    const score = WORD + bonus;
    if (!best || score > best.score) best = { score, at: word.map((_, offset) => start + offset) };
  }
  return best;
}

/** The letters with others between them. What is spread too widely is chance, and no match. */
function inOrder(word: string[], letters: string[]): Match | null {
  let best: Match | null = null;
  for (let start = 0; start < letters.length; start += 1) {
    if (letters[start] !== word[0]) continue;
    const at: number[] = [];
    let next = start;
    for (const letter of word) {
      next = letters.indexOf(letter, next);
      if (next < 0) return best;
      at.push(next);
      next += 1;
    }
    const gaps = next - start - word.length;
    const score = LETTERS - 3 * gaps + at.filter(place => startsWord(letters, place)).length * 6;
    if (score > 0 && (!best || score > best.score)) best = { score, at };
  }
  return best;
}
