import { expect, it } from 'vitest';
import { partsOf, withOtherTexts } from './explanation-parts';

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

it('keeps the commands where the text is in another language', () => {
  const parts = partsOf('Look:\n\n    df -h\n\nThen delete.');
  const said = (texts: string[]) => withOtherTexts(parts, texts).map(({ text }) => text);
  expect(said(['Nachsehen:', 'Dann löschen.'])).toEqual(['Nachsehen:', 'df -h', 'Dann löschen.']);
  // The server says more, or less: all of it in one language.
  expect(said(['Nachsehen:'])).toEqual(['Look:', 'df -h', 'Then delete.']);
});
