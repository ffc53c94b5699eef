import { expect, it } from 'vitest';
import {
  addressesIn,
  broughtBack,
  FIELD_KINDS,
  firstDraft,
  moved,
  nameFor,
  newField,
  optionsIn,
  withKind,
} from './form-draft';

it.each([
  ['Your name', [], 'your_name'],
  ['Größe in Metern', [], 'gro_e_in_metern'],
  ['2 lines', [], 'lines'],
  ['!!!', [], 'field'],
  ['Name', ['name', 'name_2'], 'name_3'],
  ['x'.repeat(60), [], 'x'.repeat(37)],
])('“%s” beside %o is called %s', (text, taken, name) => expect(nameFor(text, taken)).toBe(name));

it('begins with fields of different names', () => {
  const names = firstDraft().fields.map(({ name }) => name);
  expect(names).toEqual(['email', 'long_text', 'consent']);
  const all = firstDraft().fields;
  for (const kind of [...FIELD_KINDS, ...FIELD_KINDS]) all.push(newField(kind, all));
  expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
});

it('brings a field back, under another name where another has its own by now', () => {
  const all = firstDraft().fields;
  const [email, ...others] = all;
  if (!email) throw new Error('a form begins with a field');
  expect(broughtBack(others, email, 0)).toEqual(all);
  const names = broughtBack([...others, email], email, 1).map(({ name }) => name);
  expect(names).toEqual(['long_text', 'email_2', 'consent', 'email']);
});

it('gives options to a choice, and to nothing else', () => {
  const text = newField('text', []);
  const choice = withKind(text, 'choice');
  expect(choice.options).toHaveLength(2);
  expect(withKind(choice, 'text')).not.toHaveProperty('options');
});

it('moves within the list', () => {
  expect(moved(['a', 'b', 'c'], 0, 1)).toEqual(['b', 'a', 'c']);
  expect(moved(['a', 'b', 'c'], 2, 1)).toEqual(['a', 'c', 'b']);
  expect(moved(['a', 'b'], 0, -1)).toEqual(['a', 'b']);
  expect(moved(['a', 'b'], 1, 2)).toEqual(['a', 'b']);
});

it('reads addresses and options as people type them', () => {
  expect(addressesIn('ana@example.com, bo@example.com;\n cy@example.com ')).toEqual([
    'ana@example.com',
    'bo@example.com',
    'cy@example.com',
  ]);
  expect(optionsIn(' A visit \n\nA question\n')).toEqual(['A visit', 'A question']);
});
