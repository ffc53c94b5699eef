import type { Form, FormEdit, FormField } from '../../api/types';
import { words } from '../words/words';

/* A form while it is changed: plain values, and what can be done to them. */

export type FieldKind = FormField['kind'];

/** In the order in which they are offered. */
export const FIELD_KINDS: FieldKind[] = [
  'text',
  'long-text',
  'email',
  'phone',
  'choice',
  'consent',
];

const NAME_MAX = 40;

/** A form as most begin: an address, a message, a consent. */
export function firstDraft(): FormEdit {
  const { new_title, new_slug } = words().forms;
  const fields: FormField[] = [];
  for (const kind of ['email', 'long-text', 'consent'] as const) {
    fields.push(newField(kind, fields));
  }
  return {
    slug: new_slug,
    title: new_title,
    kind: 'contact',
    fields,
    notify: [],
    double_opt_in: false,
    thanks: '',
    link: null,
    starts_at: null,
    kept_days: 365,
    open: true,
  };
}

/** What of a form can be changed. */
export function draftOf(form: Form): FormEdit {
  const { slug, title, kind, fields, notify, double_opt_in, thanks, kept_days, open } = form;
  const { link = null, starts_at = null } = form;
  const given = { thanks, link, starts_at };
  return { slug, title, kind, fields, notify, double_opt_in, ...given, kept_days, open };
}

/** With words that fit its kind; a name that no other field has. */
export function newField(kind: FieldKind, others: FormField[]): FormField {
  const { labels, option_one, option_two } = words().forms;
  const taken = others.map(({ name }) => name);
  return {
    name: nameFor(kind.replace('-', '_'), taken),
    label: labels[kind],
    kind,
    required: kind !== 'phone' && kind !== 'text',
    ...(kind === 'choice' && { options: [option_one, option_two] }),
  };
}

/** Another kind takes along what it can use. */
export function withKind(field: FormField, kind: FieldKind): FormField {
  const { options, ...rest } = field;
  const { option_one, option_two } = words().forms;
  return kind === 'choice'
    ? { ...rest, kind, options: options ?? [option_one, option_two] }
    : { ...rest, kind };
}

/** A name in answers, from any words: lower-case letters, digits and `_`, a letter first. */
export function nameFor(text: string, taken: string[]): string {
  const plain = text
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[^a-z]+|_+$/g, '')
    .slice(0, NAME_MAX - 3);
  const base = plain || 'field';
  let name = base;
  for (let count = 2; taken.includes(name); count += 1) name = `${base}_${count}`;
  return name;
}

/** The list with the item at `from` in the place `to`; as it was where there is no such place. */
export function moved<T>(list: T[], from: number, to: number): T[] {
  const item = list[from];
  if (item === undefined || to < 0 || to >= list.length) return list;
  const others = list.filter((_, at) => at !== from);
  return [...others.slice(0, to), item, ...others.slice(to)];
}

/** Puts a field that was removed back where it stood, under another name where another has its own by now. */
export function broughtBack(fields: FormField[], field: FormField, at: number): FormField[] {
  const taken = fields.map(({ name }) => name);
  const name = taken.includes(field.name) ? nameFor(field.name, taken) : field.name;
  return [...fields.slice(0, at), { ...field, name }, ...fields.slice(at)];
}

/** Addresses as they are typed into one field. */
export const addressesIn = (text: string): string[] => text.split(/[\s,;]+/).filter(Boolean);

/** Lines that say something, each of them an option. */
export const optionsIn = (text: string): string[] =>
  text
    .split('\n')
    .map(line => line.trim())
    .filter(Boolean);
