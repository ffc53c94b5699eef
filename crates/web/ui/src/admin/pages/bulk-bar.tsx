import { Eye, EyeOff, Tag, Trash2, X } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import type { PageRow } from '../../api/types';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { TextField } from '../../ui/field';
import { plural } from '../../ui/format';
import type { Deed } from './use-bulk';

type Props = {
  pages: PageRow[];
  running: boolean;
  onDeed: (deed: Deed) => void;
  onClear: () => void;
};

/** What can be done to the chosen pages; stays in sight while one scrolls. */
export function BulkBar({ pages, running, onDeed, onClear }: Props) {
  const [tagging, setTagging] = useState(false);
  const isShown = (page: PageRow) => page.status === 'published';
  return (
    <section
      aria-label="Chosen pages"
      className="sticky bottom-3 z-10 mt-4 flex flex-wrap items-center gap-2 rounded-xl border border-line bg-surface p-3 shadow-float"
    >
      <p role="status" className="mr-auto px-1 text-sm text-ink-soft">
        {plural(pages.length, 'page')} chosen
      </p>
      <Button
        size="small"
        isDisabled={running || pages.every(page => isShown(page) && !page.has_draft)}
        onPress={() => onDeed({ action: 'publish' })}
      >
        <Eye aria-hidden /> Publish
      </Button>
      <Button
        size="small"
        isDisabled={running || !pages.some(isShown)}
        onPress={() => onDeed({ action: 'unpublish' })}
      >
        <EyeOff aria-hidden /> Unpublish
      </Button>
      <Button size="small" isDisabled={running} onPress={() => setTagging(true)}>
        <Tag aria-hidden /> Tag
      </Button>
      <Button size="small" isDisabled={running} onPress={() => onDeed({ action: 'delete' })}>
        <Trash2 aria-hidden /> Delete
      </Button>
      <Button tone="quiet" size="small" aria-label="Choose none" onPress={onClear}>
        <X aria-hidden />
      </Button>
      {tagging && (
        <TagDialog
          pages={pages}
          onClose={() => setTagging(false)}
          onDeed={deed => {
            setTagging(false);
            onDeed(deed);
          }}
        />
      )}
    </section>
  );
}

type TagProps = Pick<Props, 'pages' | 'onDeed'> & { onClose: () => void };

function TagDialog({ pages, onDeed, onClose }: TagProps) {
  const [tag, setTag] = useState('');
  const [error, setError] = useState('');
  const had = [...new Set(pages.flatMap(page => page.tags))].sort();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wanted = tag.trim();
    if (wanted === '' || wanted.length > 50 || wanted.includes(',')) {
      setError('A tag has 1 to 50 characters, without a comma.');
    } else onDeed({ action: 'add-tag', tag: wanted });
  };
  return (
    <Dialog isOpen title={`Tag ${plural(pages.length, 'page')}`} onClose={onClose}>
      <form onSubmit={submit} noValidate className="mt-4 grid gap-4">
        <TextField
          label="New tag"
          value={tag}
          autoComplete="off"
          autoFocus
          error={error || undefined}
          onChange={event => {
            setTag(event.target.value);
            setError('');
          }}
        />
        <Button type="submit" tone="primary">
          Add the tag
        </Button>
      </form>
      {had.length > 0 && (
        <>
          <p className="mt-5 text-sm font-medium">Take away</p>
          <ul className="mt-2 flex flex-wrap gap-2">
            {had.map(one => (
              <li key={one}>
                <Button
                  size="small"
                  aria-label={`Take away the tag ${one}`}
                  onPress={() => onDeed({ action: 'remove-tag', tag: one })}
                >
                  {one} <X aria-hidden />
                </Button>
              </li>
            ))}
          </ul>
        </>
      )}
    </Dialog>
  );
}
