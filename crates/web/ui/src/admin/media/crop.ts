import type { FocalPoint, Media } from '../../api/types';
import { at } from './media-draft';

/** A part of a picture, in its own pixels. */
export type Area = { x: number; y: number; width: number; height: number };

/** Width by height; null is as one likes. */
export const RATIOS = {
  free: null,
  '1:1': 1,
  '4:3': 4 / 3,
  '3:2': 3 / 2,
  '16:9': 16 / 9,
  '3:4': 3 / 4,
} as const;

export type Ratio = keyof typeof RATIOS;

/** What the browser can read and write again: an SVG has no pixels, and a picture that moves would stand still. */
const CROPPABLE = ['image/jpeg', 'image/png', 'image/webp', 'image/avif'];

export const isCroppable = ({ media_type, width, height }: Media): boolean =>
  CROPPABLE.includes(media_type) && Boolean(width && height);

/** Of photographs; what has sharp edges is kept without loss. */
const QUALITY = 0.92;

/** As it was where browsers can write it. */
const WRITTEN: Record<string, string> = {
  'image/png': 'image/png',
  'image/webp': 'image/webp',
  'image/avif': 'image/webp',
};

/** The largest area of this ratio around a point. */
export function areaAround(
  point: FocalPoint,
  ratio: number,
  size: { width: number; height: number },
): Area {
  const width = Math.min(size.width, size.height * ratio);
  const height = width / ratio;
  return {
    x: inside(point.x * size.width - width / 2, size.width - width),
    y: inside(point.y * size.height - height / 2, size.height - height),
    width,
    height,
  };
}

/** In whole pixels, all of them inside of the picture and at least one. */
export function wholePixels(area: Area, size: { width: number; height: number }): Area {
  const x = inside(Math.round(area.x), size.width - 1);
  const y = inside(Math.round(area.y), size.height - 1);
  return {
    x,
    y,
    width: Math.max(1, Math.min(Math.round(area.width), size.width - x)),
    height: Math.max(1, Math.min(Math.round(area.height), size.height - y)),
  };
}

/** The same place of the picture in what is left of it, or the nearest that is left. */
export function focalPointIn(
  area: Area,
  { x, y }: FocalPoint,
  size: { width: number; height: number },
): FocalPoint {
  return at((x * size.width - area.x) / area.width, (y * size.height - area.y) / area.height);
}

const inside = (value: number, most: number) => Math.max(0, Math.min(value, most));

/** Cuts the area out of a picture that is loaded. */
export async function cutOut(image: HTMLImageElement, area: Area, media: Media): Promise<File> {
  const canvas = document.createElement('canvas');
  canvas.width = area.width;
  canvas.height = area.height;
  const context = canvas.getContext('2d');
  const { x, y, width, height } = area;
  context?.drawImage(image, x, y, width, height, 0, 0, width, height);
  const wanted = WRITTEN[media.media_type] ?? 'image/jpeg';
  const blob = await new Promise<Blob | null>(done => canvas.toBlob(done, wanted, QUALITY));
  if (!blob) throw new Error('the browser could not write the picture');
  // A browser that does not write what was wanted writes PNG.
  return new File([blob], croppedName(media.name, blob.type), { type: blob.type });
}

/** `sea.avif` becomes `sea-crop.webp`. */
export function croppedName(name: string, mediaType: string): string {
  const end = mediaType === 'image/jpeg' ? 'jpg' : mediaType.replace('image/', '');
  return `${name.replace(/(-crop)?\.[^.]*$/, '')}-crop.${end}`;
}
