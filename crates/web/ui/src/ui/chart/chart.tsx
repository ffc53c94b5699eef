import { type PointerEvent, useId, useState } from 'react';
import { axisEnd, barsPath, linePath, pointAt } from './scale';

/** One row of values over time. Bars stand on each other, in order; lines do not. */
export type Series = {
  name: string;
  /** The name of a colour: `accent`, `danger`, `pole`. */
  tone: 'accent' | 'danger' | 'pole' | 'faint';
  values: (number | null)[];
};

type Props = {
  title: string;
  kind: 'bars' | 'lines';
  series: Series[];
  /** What stands below each point, one for each value. */
  times: string[];
  /** A value with its unit. */
  format: (value: number) => string;
  /** What is said where nothing was measured. */
  nothing: string;
  /** What opens the table, and the heading of its first column. */
  asTable: string;
  time: string;
};

const FILLS = {
  accent: 'fill-accent',
  danger: 'fill-danger',
  pole: 'fill-pole',
  faint: 'fill-ink-faint',
};
const STROKES = {
  accent: 'stroke-accent',
  danger: 'stroke-danger',
  pole: 'stroke-pole',
  faint: 'stroke-ink-faint',
};
const DOTS = { accent: 'bg-accent', danger: 'bg-danger', pole: 'bg-pole', faint: 'bg-ink-faint' };

/** A picture of numbers, and the numbers as a table for everybody whom the picture does not reach. */
export function Chart(props: Props) {
  const { title, kind, series, times, format } = props;
  const id = useId();
  const [pointed, setPointed] = useState<number | null>(null);
  const end = axisEnd(largest(kind, series));
  const at = pointed !== null && pointed < times.length ? pointed : null;

  const point = (event: PointerEvent<HTMLElement>) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    setPointed(pointAt((event.clientX - left) / width, times.length, kind === 'bars'));
  };
  return (
    <figure
      aria-labelledby={id}
      className="min-w-0 rounded-xl border border-line bg-surface p-4 shadow-card sm:p-5"
    >
      <figcaption className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
        <span id={id} className="font-semibold">
          {title}
        </span>
        <Legend {...props} at={at} />
      </figcaption>
      <div className="mt-4 grid grid-cols-[1fr_auto] gap-x-2">
        <div
          aria-hidden
          className="relative h-36 touch-pan-y"
          onPointerMove={point}
          onPointerDown={point}
          onPointerLeave={() => setPointed(null)}
        >
          <Drawing kind={kind} series={series} end={end} />
          {at !== null && (
            <span
              className="pointer-events-none absolute inset-y-0 w-px bg-ink-faint"
              style={{ left: `${centre(at, times.length, kind)}%` }}
            />
          )}
        </div>
        <div
          aria-hidden
          className="flex flex-col justify-between text-xs leading-none text-ink-faint tabular-nums"
        >
          <span>{format(end)}</span>
          <span>{format(end / 2)}</span>
          <span>{format(0)}</span>
        </div>
        <div
          aria-hidden
          className="mt-1.5 flex justify-between text-xs text-ink-faint tabular-nums"
        >
          {[0, (times.length - 1) / 2, times.length - 1].map(place => (
            <span key={place}>{times[Math.round(place)]}</span>
          ))}
        </div>
      </div>
      <DataTable {...props} />
    </figure>
  );
}

function Legend({ series, times, format, nothing, at }: Props & { at: number | null }) {
  return (
    <span className="flex flex-wrap items-baseline gap-x-4 text-sm text-ink-soft tabular-nums">
      {at !== null && <span className="text-ink-faint">{times[at]}</span>}
      {series.map(({ name, tone, values }) => {
        const value = at === null ? null : values[at];
        return (
          <span key={name} className="flex items-baseline gap-1.5">
            <span aria-hidden className={`size-2.5 rounded-full ${DOTS[tone]}`} />
            {name}
            {at !== null && (
              <span className="font-medium text-ink">
                {value === null || value === undefined ? nothing : format(value)}
              </span>
            )}
          </span>
        );
      })}
    </span>
  );
}

function Drawing({ kind, series, end }: Pick<Props, 'kind' | 'series'> & { end: number }) {
  const plain = series.map(({ values }) => values.map(value => value ?? 0));
  return (
    <svg
      viewBox="0 0 100 100"
      preserveAspectRatio="none"
      aria-hidden="true"
      className="absolute inset-0 size-full overflow-visible"
    >
      <path
        d="M0 0H100M0 50H100M0 100H100"
        className="stroke-line"
        vectorEffect="non-scaling-stroke"
      />
      {series.map(({ name, tone, values }, at) =>
        kind === 'bars' ? (
          <path
            key={name}
            d={barsPath(plain[at] ?? [], sums(plain.slice(0, at)), end)}
            className={FILLS[tone]}
          />
        ) : (
          <path
            key={name}
            d={linePath(values, end)}
            fill="none"
            strokeWidth="2"
            strokeLinejoin="round"
            strokeLinecap="round"
            vectorEffect="non-scaling-stroke"
            className={STROKES[tone]}
          />
        ),
      )}
    </svg>
  );
}

function DataTable({ title, series, times, format, nothing, asTable, time }: Props) {
  return (
    <details className="mt-3 text-sm">
      <summary className="w-fit cursor-pointer rounded text-ink-faint hover:text-ink">
        {asTable}
      </summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, with the keyboard as well */}
      <section className="mt-2 max-h-60 overflow-y-auto" tabIndex={0} aria-label={title}>
        <table className="w-full text-left tabular-nums">
          <thead>
            <tr>
              {[time, ...series.map(({ name }) => name)].map(name => (
                <th
                  key={name}
                  scope="col"
                  className="sticky top-0 bg-surface py-1 pr-4 font-medium text-ink-faint"
                >
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {times.map((when, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: points have no other name
              <tr key={at} className="border-t border-line">
                <th scope="row" className="py-1 pr-4 font-normal">
                  {when}
                </th>
                {series.map(({ name, values }) => {
                  const value = values[at];
                  return (
                    <td key={name} className="py-1 pr-4">
                      {value === null || value === undefined ? nothing : format(value)}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}

/** Of each point what all of these rows are together. */
const sums = (rows: number[][]): number[] =>
  (rows[0] ?? []).map((_, at) => rows.reduce((sum, row) => sum + (row[at] ?? 0), 0));

function largest(kind: Props['kind'], series: Series[]): number {
  const rows = series.map(({ values }) => values.map(value => value ?? 0));
  return Math.max(0, ...(kind === 'bars' ? sums(rows) : rows.flat()));
}

const centre = (at: number, count: number, kind: Props['kind']): number =>
  kind === 'bars' ? ((at + 0.5) / count) * 100 : count > 1 ? (at / (count - 1)) * 100 : 50;
