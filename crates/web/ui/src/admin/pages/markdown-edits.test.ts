import { describe, expect, it } from 'vitest';
import {
  bold,
  code,
  countWords,
  type Edit,
  heading,
  insert,
  italic,
  link,
  list,
  mediaMarkdown,
  nextListLine,
  numbered,
  quote,
  type Selected,
} from './markdown-edits';

/** "a ⟦b⟧ c" is the text "a b c" with "b" selected; "a ⟦⟧ c" has only a caret. */
function parse(marked: string): Selected {
  const start = marked.indexOf('⟦');
  const end = marked.indexOf('⟧') - 1;
  return { text: marked.replace(/[⟦⟧]/g, ''), start, end };
}

const show = ({ text, start, end }: Selected) =>
  `${text.slice(0, start)}⟦${text.slice(start, end)}⟧${text.slice(end)}`;

const apply = (edit: Edit, marked: string) => show(edit(parse(marked)));

describe('marks around the selection', () => {
  it.each<[string, Edit, string, string]>([
    ['bold', bold, 'a ⟦b⟧ c', 'a **⟦b⟧** c'],
    ['bold taken away', bold, 'a **⟦b⟧** c', 'a ⟦b⟧ c'],
    ['bold with nothing selected', bold, 'a ⟦⟧', 'a **⟦bold text⟧**'],
    ['italic', italic, '⟦a⟧', '*⟦a⟧*'],
    ['italic taken away', italic, '*⟦a⟧*', '⟦a⟧'],
    ['italic inside bold is added, not mistaken for bold', italic, '**⟦a⟧**', '***⟦a⟧***'],
    ['italic inside both is taken away', italic, '***⟦a⟧***', '**⟦a⟧**'],
    ['code', code, 'a ⟦b⟧', 'a `⟦b⟧`'],
    ['code over lines', code, 'x\n⟦a\nb⟧', 'x\n```\n⟦a\nb⟧\n```\n'],
  ])('%s', (_name, edit, before, after) => expect(apply(edit, before)).toBe(after));
});

describe('marks before lines', () => {
  it.each<[string, Edit, string, string]>([
    ['list', list, 'a\n⟦b\nc⟧\nd', 'a\n⟦- b\n- c⟧\nd'],
    ['list taken away', list, '⟦- a\n- b⟧', '⟦a\nb⟧'],
    ['empty lines stay empty', list, '⟦a\n\nb⟧', '⟦- a\n\n- b⟧'],
    ['quote at the caret', quote, 'one\ntw⟦⟧o', 'one\n> tw⟦⟧o'],
    ['heading', heading, '⟦⟧Title', '## ⟦⟧Title'],
    ['heading one level down', heading, '## Tit⟦⟧le', '### Tit⟦⟧le'],
    ['heading taken away', heading, '### Tit⟦⟧le', 'Tit⟦⟧le'],
    ['numbers', numbered, '⟦a\n\nb⟧', '⟦1. a\n\n2. b⟧'],
    ['numbers taken away', numbered, '⟦1. a\n2. b⟧', '⟦a\nb⟧'],
    ['a number at the caret', numbered, 'one\ntw⟦⟧o', 'one\n1. tw⟦⟧o'],
    ['first line of the text', list, '⟦⟧', '- ⟦⟧'],
  ])('%s', (_name, edit, before, after) => expect(apply(edit, before)).toBe(after));
});

describe('link', () => {
  it.each([
    ['words: the address is wanted', 'see ⟦this⟧', 'see [this](⟦https://⟧)'],
    [
      'an address: the words are wanted',
      '⟦https://a.example/x⟧',
      '[⟦link text⟧](https://a.example/x)',
    ],
    ['nothing: the words first', '⟦⟧', '[⟦link text⟧](https://)'],
  ])('%s', (_name, before, after) => expect(apply(link, before)).toBe(after));
});

describe('nextListLine', () => {
  const next = (marked: string) => {
    const result = nextListLine(parse(marked));
    return result && show(result);
  };
  it.each([
    ['bullet', '- a⟦⟧', '- a\n- ⟦⟧'],
    ['number counts on', '  9. a⟦⟧', '  9. a\n  10. ⟦⟧'],
    ['task begins open', '- [x] a⟦⟧', '- [x] a\n- [ ] ⟦⟧'],
    ['an empty item ends the list', '- a\n- ⟦⟧', '- a\n⟦⟧'],
  ])('%s', (_name, before, after) => expect(next(before)).toBe(after));

  it('leaves other lines and selections alone', () => {
    expect(next('a⟦⟧')).toBeNull();
    expect(next('- ⟦a⟧')).toBeNull();
    expect(next('-a⟦⟧')).toBeNull();
  });
});

describe('pictures', () => {
  it('stand on lines of their own', () => {
    expect(apply(insert('![a](/m)', true), 'text⟦⟧')).toBe('text\n\n![a](/m)⟦⟧');
    expect(apply(insert('![a](/m)', true), '⟦old⟧')).toBe('![a](/m)⟦⟧');
  });

  it('get their words from the name, and an address that Markdown cannot misread', () => {
    const file = {
      name: 'red_pole-2 (1).png',
      media_type: 'image/png',
      url: '/media/ab/red pole (1).png',
    };
    expect(mediaMarkdown(file)).toBe('![red pole 2 (1)](/media/ab/red%20pole%20%281%29.png)');
    expect(mediaMarkdown({ ...file, media_type: 'application/pdf' })).toMatch(/^\[/);
    expect(mediaMarkdown({ ...file, alt: 'A [red] pole' })).toMatch(/^!\[A \\\[red\\\] pole\]/);
    expect(mediaMarkdown({ ...file, alt: 'A pole' }, '')).toMatch(/^!\[\]/);
  });
});

it('counts words of any script', () => {
  expect(countWords('')).toBe(0);
  expect(countWords("It's **well-known** – so: naïve 42")).toBe(5);
  expect(countWords('see [this page](https://a.example/b/c)')).toBe(3);
});
