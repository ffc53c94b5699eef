import { expect, it } from 'vitest';
import { areaAround, croppedName, focalPointIn, wholePixels } from './crop';

const SIZE = { width: 400, height: 300 };

it('finds the largest area of a ratio around the focal point, inside of the picture', () => {
  const square = { width: 300, height: 300, y: 0 };
  expect(areaAround({ x: 0.5, y: 0.5 }, 1, SIZE)).toEqual({ ...square, x: 50 });
  expect(areaAround({ x: 0, y: 0.5 }, 1, SIZE)).toEqual({ ...square, x: 0 });
  expect(areaAround({ x: 0.9, y: 0.5 }, 1, SIZE)).toEqual({ ...square, x: 100 });
  expect(areaAround({ x: 0.5, y: 0.1 }, 2, SIZE)).toEqual({ x: 0, y: 0, width: 400, height: 200 });
});

it('cuts whole pixels, at least one and none beside the picture', () => {
  const area = { x: 399.7, y: -3, width: 50, height: 0.2 };
  expect(wholePixels(area, SIZE)).toEqual({ x: 399, y: 0, width: 1, height: 1 });
  const all = { x: 0.2, y: 0.4, width: 400, height: 300 };
  expect(wholePixels(all, SIZE)).toEqual({ x: 0, y: 0, ...SIZE });
});

it('keeps the focal point on the same thing, or as near as what is left of the picture goes', () => {
  const area = { x: 100, y: 0, width: 200, height: 300 };
  expect(focalPointIn(area, { x: 0.5, y: 0.5 }, SIZE)).toEqual({ x: 0.5, y: 0.5 });
  expect(focalPointIn(area, { x: 0.1, y: 0.2 }, SIZE)).toEqual({ x: 0, y: 0.2 });
});

it('names the part after the whole, with the ending that it has', () => {
  expect(croppedName('sea.avif', 'image/webp')).toBe('sea-crop.webp');
  expect(croppedName('sea-crop.jpeg', 'image/jpeg')).toBe('sea-crop.jpg');
});
