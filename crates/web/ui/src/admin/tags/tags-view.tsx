import { useQuery } from '@tanstack/react-query';
import { PenLine, Tags, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'react-router';
import type { Tag } from '../../api/types';
import { counted, fill } from '../../i18n/language';
import { Button } from '../../ui/button';
import { formatNumber } from '../../ui/format';
import { ErrorNotice } from '../../ui/notice';
import { SearchBox } from '../../ui/search-box';
import { Bone, Loading } from '../../ui/skeleton';
import { tagsQuery } from '../queries';
import { useMay } from '../session/use-may';
import { ViewBody, ViewHeader } from '../view-header';
import { words } from '../words/words';
import { DeleteTagDialog } from './delete-tag-dialog';
import { RenameTagDialog } from './rename-tag-dialog';

type Open = { dialog: 'rename' | 'delete'; tag: Tag };

/** What pages are sorted by, and how many have each. */
export function TagsView() {
  const said = words().tags;
  const tags = useQuery(tagsQuery);
  const [typed, setTyped] = useState('');
  const [open, setOpen] = useState<Open | null>(null);
  const q = typed.trim().toLowerCase();
  const shown = tags.data?.filter(({ tag }) => tag.includes(q));
  const close = () => setOpen(null);
  return (
    <ViewBody>
      <ViewHeader title={said.title} />
      {tags.isError ? (
        <ErrorNotice error={tags.error} onRetry={tags.refetch} />
      ) : !shown ? (
        <Loading what={said.the_tags}>
          <Bone className="h-60 rounded-xl" />
        </Loading>
      ) : (
        <>
          {(tags.data ?? []).length > 0 && (
            <div className="mb-4">
              <SearchBox label={said.search} value={typed} onChange={setTyped} />
            </div>
          )}
          {shown.length === 0 ? (
            <div className="rounded-xl border border-dashed border-line-strong px-6 py-14 text-center">
              <Tags aria-hidden className="mx-auto mb-3 size-8 text-ink-faint" />
              <p className="font-semibold">{q ? said.nothing_matches : said.nothing}</p>
              <p className="mt-1 text-ink-soft">
                {q ? said.nothing_matches_text : said.nothing_text}
              </p>
            </div>
          ) : (
            <ul
              aria-label={said.title}
              className="divide-y divide-line rounded-xl border border-line bg-surface shadow-card"
            >
              {shown.map(tag => (
                <Row
                  key={tag.tag}
                  tag={tag}
                  onRename={() => setOpen({ dialog: 'rename', tag })}
                  onDelete={() => setOpen({ dialog: 'delete', tag })}
                />
              ))}
            </ul>
          )}
        </>
      )}
      {open?.dialog === 'rename' && (
        <RenameTagDialog tag={open.tag} all={tags.data ?? []} onClose={close} />
      )}
      {open?.dialog === 'delete' && <DeleteTagDialog tag={open.tag} onClose={close} />}
    </ViewBody>
  );
}

type RowProps = { tag: Tag; onRename: () => void; onDelete: () => void };

function Row({ tag: { tag, pages, published }, onRename, onDelete }: RowProps) {
  const said = words().tags;
  const mayChange = useMay('editor');
  return (
    <li className="flex items-center gap-3 px-4 py-2.5 md:px-5">
      <div className="min-w-0 flex-1 sm:flex sm:items-baseline sm:gap-4">
        <Link
          to={`/admin/pages?tag=${encodeURIComponent(tag)}`}
          className="block truncate font-medium hover:underline"
        >
          {tag}
        </Link>
        <p className="text-sm text-ink-faint tabular-nums">
          {counted(said.pages, pages)}, {fill(said.published, { count: formatNumber(published) })}
        </p>
      </div>
      {mayChange && (
        <>
          <Button
            tone="quiet"
            size="icon"
            aria-label={fill(said.rename_one, { tag })}
            onPress={onRename}
          >
            <PenLine aria-hidden />
          </Button>
          <Button
            tone="quiet"
            size="icon"
            aria-label={fill(said.delete_one, { tag })}
            onPress={onDelete}
          >
            <Trash2 aria-hidden />
          </Button>
        </>
      )}
    </li>
  );
}
