import { Copy, ExternalLink, MoreHorizontal, Trash2 } from 'lucide-react';
import type { Media } from '../../api/types';
import { Button } from '../../ui/button';
import { formatBytes } from '../../ui/format';
import { Menu, MenuItem } from '../../ui/menu';
import { say } from '../../ui/toast';
import { mediaMarkdown } from '../pages/markdown-edits';
import { Thumbnail } from './thumbnail';

type Props = { media: Media; onDelete: () => void };

export function MediaCard({ media, onDelete }: Props) {
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(mediaMarkdown(media));
      say('Markdown copied.');
    } catch {
      say('The browser did not allow copying.', 'danger');
    }
  };
  const pixels = media.width && media.height ? ` · ${media.width} × ${media.height}` : '';
  return (
    <li className="overflow-hidden rounded-xl border border-line bg-surface shadow-card">
      <Thumbnail media={media} />
      <div className="flex items-center gap-1 py-2 pr-1.5 pl-3.5">
        <div className="min-w-0 flex-1">
          <p className="truncate text-sm font-medium" title={media.name}>
            {media.name}
          </p>
          <p className="truncate text-xs text-ink-faint">
            {formatBytes(media.size_bytes)}
            {pixels}
          </p>
        </div>
        <Menu
          label={`What to do with ${media.name}`}
          trigger={
            <Button tone="quiet" size="icon" aria-label={`Actions for ${media.name}`}>
              <MoreHorizontal aria-hidden />
            </Button>
          }
          onAction={key => {
            if (key === 'copy') void copy();
            if (key === 'delete') onDelete();
          }}
        >
          <MenuItem id="copy" icon={<Copy aria-hidden />}>
            Copy Markdown
          </MenuItem>
          <MenuItem id="open" href={media.url} target="_blank" icon={<ExternalLink aria-hidden />}>
            Open the file
          </MenuItem>
          <MenuItem id="delete" danger icon={<Trash2 aria-hidden />}>
            Delete
          </MenuItem>
        </Menu>
      </div>
    </li>
  );
}
