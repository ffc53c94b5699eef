import { expect, it } from 'vitest';
import type { Media } from '../../api/types';
import { moved, onlyChanges, without } from './media-draft';

const MEDIA = {
  name: 'sea.png',
  alt: 'The sea',
  tags: ['blue'],
  focal_point: { x: 0.5, y: 0.5 },
} as Media;

it('knows what differs from what the server has', () => {
  const same = { name: 'sea.png', tags: ['blue'], focal_point: { x: 0.5, y: 0.5 } };
  expect(onlyChanges({ ...same, alt: 'Waves' }, MEDIA)).toEqual({ alt: 'Waves' });
});

it('keeps what was changed again while it was saved', () => {
  expect(without({ alt: 'Waves!', name: 'a.png' }, { alt: 'Waves', name: 'a.png' })).toEqual({
    alt: 'Waves!',
  });
});

it('moves the focal point by keys, and not out of the picture', () => {
  const middle = { x: 0.5, y: 0.5 };
  expect(moved(middle, 'ArrowLeft', false)).toEqual({ x: 0.49, y: 0.5 });
  expect(moved(middle, 'ArrowDown', true)).toEqual({ x: 0.5, y: 0.6 });
  expect(moved({ x: 1, y: 0 }, 'ArrowRight', true)).toEqual({ x: 1, y: 0 });
  expect(moved(middle, 'Enter', false)).toBeNull();
});
