import { File, FileText, Film, Music } from 'lucide-react';
import type { Media } from '../../api/types';

const ICONS: [start: string, icon: typeof File][] = [
  ['video/', Film],
  ['audio/', Music],
  ['application/pdf', FileText],
  ['text/', FileText],
];

/** The picture itself, or a sign for the kind of file. The box has its size before anything is loaded. */
export function Thumbnail({ media }: { media: Media }) {
  if (media.media_type.startsWith('image/')) {
    return (
      <img
        src={media.url}
        alt=""
        loading="lazy"
        decoding="async"
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
