/* What a chart is drawn by: a box of 100 by 100, in which higher is nearer to 0. */

/** The end of an axis from 0: the next round number, of which the half is round as well. */
export function axisEnd(largest: number): number {
  if (largest <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(largest));
  const step =
    [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find(factor => factor * power >= largest * (1 - 1e-9)) ?? 10;
  return step * power;
}

const place = (at: number, count: number): number => (count > 1 ? (at / (count - 1)) * 100 : 50);

const height = (value: number, end: number): number => 100 - (value / end) * 100;

const round = (value: number): string => String(Math.round(value * 100) / 100);

/** A line through the values; it breaks where there is none, and a value alone is a short stroke. */
export function linePath(values: (number | null)[], end: number): string {
  let path = '';
  values.forEach((value, at) => {
    if (value === null) return;
    const before = at > 0 ? values[at - 1] : null;
    const after = values[at + 1] ?? null;
    const x = place(at, values.length);
    const y = round(height(value, end));
    if (before !== null && before !== undefined) path += `L${round(x)} ${y}`;
    else if (after !== null) path += `M${round(x)} ${y}`;
    else path += `M${round(Math.max(0, x - 0.5))} ${y}h1`;
  });
  return path;
}

/** Bars that stand on the axis or on those below them, with a gap between them. */
export function barsPath(values: number[], below: number[], end: number): string {
  const width = 100 / values.length;
  const gap = width * 0.2;
  return values
    .map((value, at) => {
      if (value === 0) return '';
      const x = round(at * width + gap / 2);
      const foot = below[at] ?? 0;
      const top = height(foot + value, end);
      return `M${x} ${round(height(foot, end))}V${round(top)}h${round(width - gap)}V${round(height(foot, end))}z`;
    })
    .join('');
}

/** Which point is nearest to a place between 0 and 1. */
export function pointAt(share: number, count: number, isBars: boolean): number {
  const at = isBars ? Math.floor(share * count) : Math.round(share * (count - 1));
  return Math.min(count - 1, Math.max(0, at));
}
