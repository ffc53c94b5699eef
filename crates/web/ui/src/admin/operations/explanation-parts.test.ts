import { expect, it } from 'vitest';
import { partsOf } from './explanation-parts';

it('tells commands from text, and lets text flow', () => {
  const text =
    'The disk is\nalmost full.\n\nLook:\n    df -h /srv\n    du -sh /srv/*\nThen delete.';
  expect(partsOf(text).map(({ kind, text: part }) => `${kind}: ${part}`)).toEqual([
    'text: The disk is almost full.',
    'text: Look:',
    'command: df -h /srv',
    'command: du -sh /srv/*',
    'text: Then delete.',
  ]);
  expect(partsOf('')).toEqual([]);
});
