import type { MenuItem } from '../../api/types';

/* A menu while it is changed: its lines one below the other, each with how deep it is. */

/** A line; `key` tells it from others while it is changed. */
export type Line = {
  key: number;
  depth: number;
  kind: 'page' | 'address' | 'heading';
  label: string;
  page: string | null;
  url: string;
};

/** Levels that a menu may have. */
export const DEPTH_MAX = 3;

export const LINES_MAX = 200;

let lastKey = 0;

export function newLine(kind: Line['kind'], depth = 0): Line {
  lastKey += 1;
  return { key: lastKey, depth, kind, label: '', page: null, url: '' };
}

export function linesOf(items: MenuItem[], depth = 0): Line[] {
  return items.flatMap(({ label, page, url, items: below }) => [
    {
      ...newLine(page ? 'page' : typeof url === 'string' ? 'address' : 'heading', depth),
      label: label ?? '',
      page: page ?? null,
      url: url ?? '',
    },
    ...linesOf(below ?? [], depth + 1),
  ]);
}

export function itemsOf(lines: Line[]): MenuItem[] {
  const items: MenuItem[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at];
    if (!line) break;
    const end = endOf(lines, at);
    items.push({
      label: line.label,
      page: line.kind === 'page' ? line.page : null,
      url: line.kind === 'address' ? line.url : null,
      items: itemsOf(lines.slice(at + 1, end)),
    });
    at = end - 1;
  }
  return items;
}

/** Behind the last line that is below the one at `at`. */
function endOf(lines: Line[], at: number): number {
  const depth = lines[at]?.depth ?? 0;
  let end = at + 1;
  while (end < lines.length && (lines[end]?.depth ?? 0) > depth) end += 1;
  return end;
}

/** Removes a line with all below it. */
export const without = (lines: Line[], at: number): Line[] => [
  ...lines.slice(0, at),
  ...lines.slice(endOf(lines, at)),
];

/** A line that was removed with all below it, and where it stood. */
export type Removed = { lines: Line[]; at: number; after: number | undefined };

export const removedAt = (lines: Line[], at: number): Removed => ({
  lines: lines.slice(at, endOf(lines, at)),
  at,
  after: lines[at - 1]?.key,
});

/** Puts back what was removed where it stood, among lines that may be others by now. */
export function broughtBack(lines: Line[], { lines: gone, at, after }: Removed): Line[] {
  const before = lines.findIndex(({ key }) => key === after);
  let place = before >= 0 || after === undefined ? before + 1 : Math.min(at, lines.length);
  const above = lines[place - 1];
  const depth = gone[0]?.depth ?? 0;
  // No line is more than one level below the one above it.
  const depthNow = Math.min(depth, above ? above.depth + 1 : 0);
  // What came to be below the one above it meanwhile stays there.
  while ((lines[place]?.depth ?? 0) > depthNow) place += 1;
  const back = shifted(gone, 0, gone.length, depthNow - depth);
  return [...lines.slice(0, place), ...back, ...lines.slice(place)];
}

/** Moves a line with all below it past its neighbour of the same level; null where there is none. */
export function movedUp(lines: Line[], at: number): Line[] | null {
  const depth = lines[at]?.depth ?? 0;
  let before = at - 1;
  while (before >= 0 && (lines[before]?.depth ?? 0) > depth) before -= 1;
  if (before < 0 || lines[before]?.depth !== depth) return null;
  const end = endOf(lines, at);
  return [
    ...lines.slice(0, before),
    ...lines.slice(at, end),
    ...lines.slice(before, at),
    ...lines.slice(end),
  ];
}

export function movedDown(lines: Line[], at: number): Line[] | null {
  const next = endOf(lines, at);
  return lines[next]?.depth === lines[at]?.depth ? movedUp(lines, next) : null;
}

/** A line with all below it one level deeper, under the one above it; null where that cannot be. */
export function deeper(lines: Line[], at: number): Line[] | null {
  const line = lines[at];
  const above = lines[at - 1];
  if (!line || !above || above.depth < line.depth) return null;
  const end = endOf(lines, at);
  const deepest = Math.max(...lines.slice(at, end).map(({ depth }) => depth));
  return deepest + 1 < DEPTH_MAX ? shifted(lines, at, end, 1) : null;
}

/** A line with all below it one level up; the lines of its level that follow are below it then. */
export function shallower(lines: Line[], at: number): Line[] | null {
  return (lines[at]?.depth ?? 0) > 0 ? shifted(lines, at, endOf(lines, at), -1) : null;
}

const shifted = (lines: Line[], from: number, to: number, by: number): Line[] =>
  lines.map((line, at) => (at >= from && at < to ? { ...line, depth: line.depth + by } : line));

/** What the server says against a menu, by the key of the line. */
export function problemsOfLines(
  lines: Line[],
  problems: { field: string; detail: string }[],
): Map<number, string> {
  const keys = new Map<string, number>();
  const counts: number[] = [];
  for (const { key, depth } of lines) {
    counts.length = depth + 1;
    counts[depth] = (counts[depth] ?? -1) + 1;
    keys.set(counts.map(count => `items/${count}`).join('/'), key);
  }
  const found = new Map<number, string>();
  for (const { field, detail } of problems) {
    const key = keys.get(field.replace(/\/(label|url|page|items)$/, ''));
    if (key !== undefined && !found.has(key)) found.set(key, detail);
  }
  return found;
}
