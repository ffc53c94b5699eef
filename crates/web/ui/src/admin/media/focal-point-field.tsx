import type { KeyboardEvent, MouseEvent } from 'react';
import type { FocalPoint, Media } from '../../api/types';
import { fill } from '../../i18n/language';
import { useWords } from '../words/words';
import { at, moved } from './media-draft';
import { smallVariant } from './thumbnail';

type Props = {
  media: Media;
  value: FocalPoint;
  /** None: it is only shown. */
  onChange: ((point: FocalPoint) => void) | undefined;
};

/** The picture with the point that stays in view: set by a click on it, and moved by the arrow keys. */
export function FocalPointField({ media, value, onChange }: Props) {
  const said = useWords().library;
  const picture = largeVariant(media);
  const percent = { x: Math.round(value.x * 100), y: Math.round(value.y * 100) };
  const shown = (
    <>
      <img
        src={picture.url}
        width={media.width ?? undefined}
        height={media.height ?? undefined}
        alt={media.alt}
        draggable={false}
        className="block max-h-[46vh] w-auto max-w-full object-contain"
      />
      <span
        aria-hidden="true"
        className="pointer-events-none absolute size-7 -translate-1/2 rounded-full border-2 border-white shadow-[0_0_0_2px_rgb(0_0_0/0.55),inset_0_0_0_2px_rgb(0_0_0/0.35)] transition-[left,top] after:absolute after:inset-0 after:m-auto after:size-1.5 after:rounded-full after:bg-white after:content-['']"
        style={{ left: `${value.x * 100}%`, top: `${value.y * 100}%` }}
      />
    </>
  );
  const box = 'relative mx-auto block w-fit leading-none';
  return (
    <div>
      <div className="rounded-xl bg-sunken p-3">
        {onChange ? (
          <div
            role="application"
            // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys move the point
            tabIndex={0}
            aria-roledescription={said.focal_role}
            aria-label={fill(said.focal_label, percent)}
            aria-describedby="focal-hint"
            className={`${box} cursor-crosshair`}
            onClick={(event: MouseEvent) => {
              const { left, top, width, height } = event.currentTarget.getBoundingClientRect();
              onChange(at((event.clientX - left) / width, (event.clientY - top) / height));
            }}
            onKeyDown={(event: KeyboardEvent) => {
              const next = moved(value, event.key, event.shiftKey);
              if (!next) return;
              event.preventDefault();
              onChange(next);
            }}
          >
            {shown}
          </div>
        ) : (
          <div className={box}>{shown}</div>
        )}
      </div>
      {onChange && (
        <>
          <p id="focal-hint" className="mt-2 text-sm text-ink-faint">
            {said.focal_hint}
          </p>
          <span role="status" className="sr-only">
            {fill(said.focal_label, percent)}
          </span>
        </>
      )}
      <ul aria-label={said.focal_crops} className="mt-3 flex flex-wrap gap-3">
        {CROPS.map(([name, size]) => (
          <li key={name} className="text-center text-xs text-ink-faint">
            <img
              src={(smallWhole(media) ?? picture).url}
              alt=""
              className={`mb-1 rounded-md border border-line bg-sunken object-cover ${size}`}
              style={{ objectPosition: `${value.x * 100}% ${value.y * 100}%` }}
            />
            {name}
          </li>
        ))}
      </ul>
    </div>
  );
}

const CROPS = [
  ['1:1', 'size-18'],
  ['16:9', 'h-18 w-32'],
  ['3:4', 'h-18 w-13.5'],
] as const;

/** Wide enough for the panel, in the pixels of a fine screen. */
const WIDE = 900;

/** What the panel shows: the whole picture, no larger than it needs. */
function largeVariant(media: Media): { url: string } {
  const whole = media.variants.filter(({ cropped }) => !cropped);
  return whole.find(({ width }) => width >= WIDE) ?? media;
}

/** A small one with all of the picture in it; what is cropped already cannot show another crop. */
function smallWhole(media: Media) {
  return smallVariant({ variants: media.variants.filter(({ cropped }) => !cropped) });
}
