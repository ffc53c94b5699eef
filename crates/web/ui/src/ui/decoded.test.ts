import { expect, test } from 'vitest';
import { decoded } from './decoded';

test('an address is decoded, and a stray percent sign does no harm', () => {
  expect(decoded('/%C3%BCber')).toBe('/über');
  expect(decoded('/100%')).toBe('/100%');
});
