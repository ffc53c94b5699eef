import type { FocalPoint, Media, MediaChange } from '../../api/types';

/** What people changed of a file and the server does not know yet. */
export type Edits = Partial<MediaChange>;

export function draftOf({ name, alt, tags, focal_point }: Media): MediaChange {
  return { name, alt, tags, focal_point };
}

/** What is left of the edits once `sent` is saved: what was changed again meanwhile. */
export function without(edits: Edits, sent: Edits): Edits {
  const left = Object.entries(edits).filter(
    ([field, value]) => !same(value, sent[field as keyof Edits]),
  );
  return Object.fromEntries(left);
}

/** The edits that change something. */
export const onlyChanges = (edits: Edits, media: Media): Edits => without(edits, draftOf(media));

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** One arrow key moves the point by this part of the picture; with Shift, ten times as far. */
const STEP = 0.01;

const MOVES: Record<string, [x: number, y: number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Where a key moves the focal point to; null for other keys. */
export function moved(point: FocalPoint, key: string, far: boolean): FocalPoint | null {
  const move = MOVES[key];
  if (!move) return null;
  const [x, y] = move.map(direction => direction * STEP * (far ? 10 : 1)) as [number, number];
  return at(point.x + x, point.y + y);
}

/** A point inside of the picture, to a thousandth. */
export const at = (x: number, y: number): FocalPoint => ({ x: part(x), y: part(y) });

const part = (value: number) => Math.round(Math.min(1, Math.max(0, value)) * 1000) / 1000;
