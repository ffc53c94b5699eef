import { expect, it } from 'vitest';
import { axisEnd, barsPath, linePath, pointAt } from './scale';

it.each([
  [0, 1],
  [0.3, 0.3],
  [1, 1],
  [1.1, 1.5],
  [47, 50],
  [51, 60],
  [100, 100],
  [2_400, 3_000],
])('an axis for %d ends at %d', (largest, end) => expect(axisEnd(largest)).toBeCloseTo(end));

it('draws lines that break where nothing was measured', () => {
  expect(linePath([0, 5, 10], 10)).toBe('M0 100L50 50L100 0');
  expect(linePath([null, 5, 10], 10)).toBe('M50 50L100 0');
  expect(linePath([5, null, 10, 10], 10)).toBe('M0 50h1M66.67 0L100 0');
  expect(linePath([null, null], 10)).toBe('');
  expect(linePath([5], 10)).toBe('M49.5 50h1');
});

it('stands bars on those below them, and leaves out what is nothing', () => {
  expect(barsPath([5, 0], [0, 0], 10)).toBe('M5 100V50h40V100z');
  expect(barsPath([1, 1], [9, 4], 10)).toBe('M5 10V0h40V10zM55 60V50h40V60z');
});

it('finds the point below the pointer', () => {
  expect([0, 0.49, 0.5, 1].map(share => pointAt(share, 2, true))).toEqual([0, 0, 1, 1]);
  expect([0, 0.24, 0.26, 1, 2].map(share => pointAt(share, 3, false))).toEqual([0, 0, 1, 2, 2]);
});
