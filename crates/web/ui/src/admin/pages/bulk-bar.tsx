import { Eye, EyeOff, Tag, Trash2, X } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import type { PageRow } from '../../api/types';
import { counted, fill } from '../../i18n/language';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { TextField } from '../../ui/field';
import { words } from '../words/words';
import type { Deed } from './use-bulk';

type Props = {
  pages: PageRow[];
  running: boolean;
  onDeed: (deed: Deed) => void;
  onClear: () => void;
};

/** What can be done to the chosen pages; stays in sight while one scrolls. */
export function BulkBar({ pages, running, onDeed, onClear }: Props) {
  const said = words().pages;
  const [tagging, setTagging] = useState(false);
  const isShown = (page: PageRow) => page.status === 'published';
  return (
    <section
      aria-label={said.chosen_pages}
      className="sticky bottom-3 z-10 mt-4 flex flex-wrap items-center gap-2 rounded-xl border border-line bg-surface p-3 shadow-float"
    >
      <p role="status" className="mr-auto px-1 text-sm text-ink-soft">
        {counted(said.chosen, pages.length)}
      </p>
      <Button
        size="small"
        isDisabled={running || pages.every(page => isShown(page) && !page.has_draft)}
        onPress={() => onDeed({ action: 'publish' })}
      >
        <Eye aria-hidden /> {said.publish}
      </Button>
      <Button
        size="small"
        isDisabled={running || !pages.some(isShown)}
        onPress={() => onDeed({ action: 'unpublish' })}
      >
        <EyeOff aria-hidden /> {said.unpublish}
      </Button>
      <Button size="small" isDisabled={running} onPress={() => setTagging(true)}>
        <Tag aria-hidden /> {said.tag}
      </Button>
      <Button size="small" isDisabled={running} onPress={() => onDeed({ action: 'delete' })}>
        <Trash2 aria-hidden /> {said.delete}
      </Button>
      <Button tone="quiet" size="small" aria-label={said.choose_none} onPress={onClear}>
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
  const said = words().pages;
  const [tag, setTag] = useState('');
  const [error, setError] = useState('');
  const had = [...new Set(pages.flatMap(page => page.tags))].sort();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wanted = tag.trim();
    if (wanted === '' || wanted.length > 50 || wanted.includes(',')) {
      setError(said.bad_tag);
    } else onDeed({ action: 'add-tag', tag: wanted });
  };
  return (
    <Dialog isOpen title={counted(said.tag_title, pages.length)} onClose={onClose}>
      <form onSubmit={submit} noValidate className="mt-4 grid gap-4">
        <TextField
          label={said.new_tag}
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
          {said.add_tag}
        </Button>
      </form>
      {had.length > 0 && (
        <>
          <p className="mt-5 text-sm font-medium">{said.take_away}</p>
          <ul className="mt-2 flex flex-wrap gap-2">
            {had.map(one => (
              <li key={one}>
                <Button
                  size="small"
                  aria-label={fill(said.take_away_tag, { tag: one })}
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
