import { File, FileText, Film, Music } from 'lucide-react';
import type { Media, Variant } from '../../api/types';

const ICONS: [start: string, icon: typeof File][] = [
  ['video/', Film],
  ['audio/', Music],
  ['application/pdf', FileText],
  ['text/', FileText],
];

/** As wide as the grid shows a picture at most, in CSS pixels. */
const WIDTH = 300;

/** The smallest picture that fills the grid, or else the largest that there is. None: the file itself must do. */
export function smallVariant(media: Pick<Media, 'variants'>): Variant | undefined {
  return media.variants.find(({ width }) => width >= WIDTH) ?? media.variants.at(-1);
}

/** A small picture, or a sign for the kind of file. The box has its size before anything is loaded. */
export function Thumbnail({ media }: { media: Media }) {
  if (media.media_type.startsWith('image/')) {
    const { url, width, height } = smallVariant(media) ?? media;
    const { x, y } = media.focal_point;
    return (
      <img
        src={url}
        width={width ?? undefined}
        height={height ?? undefined}
        alt=""
        loading="lazy"
        decoding="async"
        style={{ objectPosition: `${x * 100}% ${y * 100}%` }}
        className="aspect-4/3 w-full bg-sunken object-cover"
      />
    );
  }
  const Icon = ICONS.find(([start]) => media.media_type.startsWith(start))?.[1] ?? File;
  return (
    <div className="grid aspect-4/3 w-full place-items-center bg-sunken text-ink-faint">
      <Icon aria-hidden className="size-10" strokeWidth={1.25} />
    </div>
  );
}
