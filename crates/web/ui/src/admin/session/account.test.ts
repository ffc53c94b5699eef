import { expect, it } from 'vitest';
import { safeNext } from './account';

it.each([
  ['/admin/pages?q=x', '/admin/pages?q=x'],
  ['/admin', '/admin'],
  [null, '/admin'],
  ['https://evil.example', '/admin'],
  ['//evil.example', '/admin'],
  ['/administration', '/admin'],
])('after signing in, %s leads to %s', (next, path) => expect(safeNext(next)).toBe(path));
