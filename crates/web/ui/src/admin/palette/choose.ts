import type { Command, Group } from './commands';
import { match } from './match';

/** A command with the places of the letters that were typed. */
export type Choice = { command: Command; at: number[] };

export type Section = { group: Group; choices: Choice[] };

/** Another word counts less than a word of the label, and more than scattered letters. */
const ALSO = 90;

/** Whether each word that was typed begins one of these. */
const isAlso = (typed: string, words: string): boolean =>
  typed
    .toLowerCase()
    .split(/\s+/)
    .every(begun => words.split(' ').some(word => word.startsWith(begun)));

/** What is offered for what was typed: the best first, and the group of the best first; then what the server found. */
export function choose(typed: string, commands: Command[], found: Command[]): Section[] {
  const scored = commands.flatMap(command => {
    const shown = match(typed, command.label);
    const other = isAlso(typed, command.also ?? '');
    const score = Math.max(shown?.score ?? 0, other ? ALSO : 0);
    return shown || other ? [{ command, at: shown?.at ?? [], score }] : [];
  });
  const byScore = typed.trim() === '' ? scored : scored.sort((a, b) => b.score - a.score);
  const sections = new Map<Group, Choice[]>();
  for (const { command, at } of [...byScore, ...found.map(one => ({ command: one, at: [] }))]) {
    const choices = sections.get(command.group) ?? [];
    sections.set(command.group, [...choices, { command, at }]);
  }
  return [...sections].map(([group, choices]) => ({ group, choices }));
}
