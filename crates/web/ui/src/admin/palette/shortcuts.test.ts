import { expect, it } from 'vitest';
import { isTyping, shortcutOf } from './shortcuts';

const press = (key: string, more = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  isComposing: false,
  defaultPrevented: false,
  ...more,
});

it.each([
  [press('k', { ctrlKey: true }), '', true, { is: 'palette' }],
  [press('K', { metaKey: true }), '', false, { is: 'palette' }],
  [press('k', { ctrlKey: true, defaultPrevented: true }), '', true, null],
  [press('k'), '', false, null],
  [press('?'), '', false, { is: 'shortcuts' }],
  [press('?'), '', true, null],
  [press('p'), 'g', false, { is: 'go', key: 'p' }],
  [press('p'), 'g', true, null],
  [press('p'), '', false, null],
  [press('p', { altKey: true }), 'g', false, null],
])('%o after “%s”, typing: %s', (event, before, typing, is) =>
  expect(shortcutOf(event, before, typing)).toEqual(is),
);

it('knows where letters are text', () => {
  const of = (tag: string) => isTyping(document.createElement(tag));
  expect([of('input'), of('textarea'), of('select'), of('button'), isTyping(null)]).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
});
