import { Link } from 'react-router';
import type { Media } from '../../api/types';
import { fill } from '../../i18n/language';
import { formatBytes } from '../../ui/format';
import type { Choose } from '../bulk/use-chosen';
import { useWords } from '../words/words';
import { Thumbnail } from './thumbnail';

type Props = {
  media: Media;
  to: { search: string };
  /** None: nothing can be done to many. */
  choosing: { isChosen: boolean; onChoose: Choose } | undefined;
};

export function MediaCard({ media, to, choosing }: Props) {
  const said = useWords().library;
  const pixels = media.width && media.height ? ` · ${media.width} × ${media.height}` : '';
  const isPicture = media.media_type.startsWith('image/');
  return (
    <li className="relative overflow-hidden rounded-xl border border-line bg-surface shadow-card transition-colors hover:border-line-strong has-checked:border-accent has-checked:ring-1 has-checked:ring-accent has-[a:focus-visible]:outline-2 has-[a:focus-visible]:outline-offset-2 has-[a:focus-visible]:outline-accent">
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
          {media.pages === 0 && <span className="text-ink-faint">{said.used_nowhere}</span>}
          {isPicture && !media.alt && <span className="text-warn">{said.no_alt}</span>}
          {media.variants_state === 'failed' && (
            <span className="text-danger">{said.failed_short}</span>
          )}
        </p>
      </div>
      {choosing && (
        // As large as a finger, and above the link that covers the card.
        <label className="absolute top-0 left-0 z-1 grid size-10 place-items-center rounded-br-xl bg-surface/85">
          <input
            type="checkbox"
            aria-label={fill(said.choose, { name: media.name })}
            className="size-4.5 accent-accent"
            checked={choosing.isChosen}
            onChange={event => choosing.onChoose([media.id], event.target.checked)}
          />
        </label>
      )}
    </li>
  );
}
