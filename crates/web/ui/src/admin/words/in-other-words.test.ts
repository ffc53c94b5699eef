import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { sentences } from './de/sentences';
import { inOtherWords } from './in-other-words';

const API = join(import.meta.dirname, '../../../../../api/src');

const sources = readdirSync(API, { recursive: true, encoding: 'utf8' })
  .filter(path => path.endsWith('.rs'))
  .map(path => readFileSync(join(API, path), 'utf8'));

const plain = (text: string) =>
  text
    .replace(/\\\n\s*/g, '')
    .replace(/\\(.)/g, '$1')
    .replace(/\{[^}]*\}/g, '{}');

/** The texts of Rust sources, with `{}` for what is put into them. */
const texts = sources.flatMap(source =>
  [...source.matchAll(/"((?:[^"\\]|\\.)*)"/gs)].map(([, text = '']) => plain(text)),
);

it('puts what the server put in where the other language has it', () => {
  const say = inOtherWords([
    ['{} has {} (bytes).', '{} fasst {} (Bytes).'],
    ['Nothing.', 'Nichts.'],
  ]);
  expect(say('a.png has 3 (bytes).')).toBe('a.png fasst 3 (Bytes).');
  expect(say('Nothing.')).toBe('Nichts.');
  expect(say('Nothing. At all.')).toBe('Nothing. At all.');
});

it('knows every sentence that refuses something', () => {
  const refusals = sources.flatMap(source =>
    [...source.matchAll(/Problem::new\(|Self::new\(StatusCode/g)].flatMap(({ index }) => {
      const call = source.slice(index, source.indexOf(';', index) + 1 || undefined).slice(0, 700);
      const [, code = '', sentence = ''] =
        /"([a-z-]+)",\s*(?:format!\(\s*)?"((?:[^"\\]|\\.)*)"/s.exec(call) ?? [];
      return code ? [plain(sentence)] : [];
    }),
  );
  expect(refusals.length).toBeGreaterThan(50);
  const known = new Set(sentences.map(([english]) => english));
  expect(refusals.filter(sentence => !known.has(sentence))).toEqual([]);
});

it('has no sentence that the server does not say', () => {
  const said = new Set(texts);
  expect(sentences.map(([english]) => english).filter(english => !said.has(english))).toEqual([]);
});

it('puts as much in as the server does', () => {
  const places = (text: string) => text.split('{}').length;
  expect(sentences.filter(([english, german]) => places(english) !== places(german))).toEqual([]);
});
