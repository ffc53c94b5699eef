import { Link } from 'react-router';
import type { Media } from '../../api/types';
import { formatBytes } from '../../ui/format';
import { useWords } from '../words/words';
import { Thumbnail } from './thumbnail';

type Props = { media: Media; to: { search: string } };

export function MediaCard({ media, to }: Props) {
  const said = useWords().library;
  const pixels = media.width && media.height ? ` · ${media.width} × ${media.height}` : '';
  const isPicture = media.media_type.startsWith('image/');
  return (
    <li className="relative overflow-hidden rounded-xl border border-line bg-surface shadow-card transition-colors hover:border-line-strong has-[a:focus-visible]:outline-2 has-[a:focus-visible]:outline-offset-2 has-[a:focus-visible]:outline-accent">
      <Thumbnail media={media} />
      <div className="px-3.5 py-2.5">
        <Link
          to={to}
          state={{ opened: true }}
          title={media.name}
          className="block truncate text-sm font-medium outline-none after:absolute after:inset-0 after:content-['']"
        >
          {media.name}
        </Link>
        <p className="truncate text-xs text-ink-faint">
          {formatBytes(media.size_bytes)}
          {pixels}
        </p>
        <p className="mt-1 flex flex-wrap gap-x-2 text-xs">
          {media.pages === 0 && <span className="text-ink-faint">{said.unused}</span>}
          {isPicture && !media.alt && <span className="text-warn">{said.no_alt}</span>}
          {media.variants_state === 'failed' && (
            <span className="text-danger">{said.failed_short}</span>
          )}
        </p>
      </div>
    </li>
  );
}
