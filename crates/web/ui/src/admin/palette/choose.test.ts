import { expect, it } from 'vitest';
import { choose } from './choose';
import { commandsFor } from './commands';

const offered = (typed: string, role: 'viewer' | 'editor' | 'admin' = 'admin') =>
  choose(
    typed,
    commandsFor({
      role,
      theme: 'system',
      showShortcuts: () => {},
      signOut: () => {},
      backUp: () => {},
    }),
    [],
  ).flatMap(({ choices }) => choices.map(({ command }) => command.label));

it('offers everything before anything is typed, and only what the role may', () => {
  expect(offered('')).toContain('Audit log');
  expect(offered('', 'editor')).not.toContain('Audit log');
  expect(offered('', 'editor')).toContain('Leads');
  expect(offered('', 'viewer')).not.toContain('Leads');
  expect(offered('', 'viewer')).not.toContain('Write a page');
});

it.each([
  ['out', 'Outbox'],
  ['log out', 'Log out'],
  ['dark', 'Dark theme'],
  ['sprache', 'Auf Deutsch'],
  ['new page', 'Write a page'],
  ['aud', 'Audit log'],
])('“%s” finds %s first', (typed, label) => expect(offered(typed)[0]).toBe(label));

it('puts what the server found behind what can be done', () => {
  const page = {
    id: 'p',
    group: 'pages',
    label: 'Our garden',
    icon: () => null,
    to: '/x',
  } as const;
  const sections = choose(
    'pages',
    commandsFor({
      role: 'viewer',
      theme: 'dark',
      showShortcuts: () => {},
      signOut: () => {},
      backUp: () => {},
    }),
    [page],
  );
  expect(sections.map(({ group }) => group)).toEqual(['places', 'pages']);
});
