import { useQuery } from '@tanstack/react-query';
import { ChevronLeft, ChevronRight, X } from 'lucide-react';
import { type ReactNode, useEffect, useEffectEvent } from 'react';
import { fieldProblems } from '../../api/problem-places';
import type { MediaWithUses } from '../../api/types';
import { fill } from '../../i18n/language';
import { Button } from '../../ui/button';
import { Drawer } from '../../ui/drawer';
import { TextField } from '../../ui/field';
import { formatBytes, formatDateTime } from '../../ui/format';
import { ErrorNotice } from '../../ui/notice';
import { Bone, Loading } from '../../ui/skeleton';
import { mediaFileQuery, mediaSummaryQuery } from '../queries';
import { useMay } from '../session/use-may';
import { useWords, words } from '../words/words';
import { FocalPointField } from './focal-point-field';
import { MediaActions } from './media-actions';
import { TagsField } from './tags-field';
import { useMediaEdit } from './use-media-edit';
import { VariantList } from './variant-list';
import { WhereUsed } from './where-used';

type Props = {
  id: string;
  /** The files of the list, in its order. */
  siblings: string[];
  onShow: (id: string) => void;
  onClose: () => void;
};

/** Everything about one file. */
export function MediaPanel({ id, siblings, onShow, onClose }: Props) {
  const said = useWords().library;
  const file = useQuery(mediaFileQuery(id));
  const at = siblings.indexOf(id);
  const before = at > 0 ? siblings[at - 1] : undefined;
  const after = at >= 0 ? siblings[at + 1] : undefined;

  const onKey = useEffectEvent((event: KeyboardEvent) => {
    const next = event.key === 'PageUp' ? before : event.key === 'PageDown' ? after : undefined;
    if (!next || !event.altKey) return;
    event.preventDefault();
    onShow(next);
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent) => onKey(event);
    document.addEventListener('keydown', listener);
    return () => document.removeEventListener('keydown', listener);
  }, []);

  return (
    <Drawer label={file.data?.name ?? said.file} isOpen onClose={onClose}>
      <div className="sticky top-0 z-10 flex items-center gap-1 border-b border-line bg-surface py-2.5 pr-3 pl-5">
        <h2 className="min-w-0 flex-1 truncate text-lg font-semibold">{file.data?.name}</h2>
        <Button
          tone="quiet"
          size="icon"
          aria-label={said.before}
          isDisabled={!before}
          onPress={() => before && onShow(before)}
        >
          <ChevronLeft aria-hidden />
        </Button>
        <Button
          tone="quiet"
          size="icon"
          aria-label={said.after}
          isDisabled={!after}
          onPress={() => after && onShow(after)}
        >
          <ChevronRight aria-hidden />
        </Button>
        <Button tone="quiet" size="icon" aria-label={said.close} onPress={onClose}>
          <X aria-hidden />
        </Button>
      </div>
      <div className="grid gap-6 p-5">
        {file.isError ? (
          <ErrorNotice error={file.error} onRetry={file.refetch} />
        ) : !file.data ? (
          <Loading what={words().library.the_file}>
            <Bone className="h-64 rounded-xl" />
            <Bone className="mt-6 h-48 rounded-xl" />
          </Loading>
        ) : (
          <Details key={id} media={file.data} onShow={onShow} onClose={onClose} />
        )}
      </div>
    </Drawer>
  );
}

const FIELDS = ['name', 'alt', 'tags'] as const;

function Details({
  media,
  onShow,
  onClose,
}: Pick<Props, 'onShow' | 'onClose'> & { media: MediaWithUses }) {
  const said = useWords().library;
  const mayWrite = useMay('editor');
  const { data: summary } = useQuery(mediaSummaryQuery);
  const edit = useMediaEdit(media);
  const { draft, change } = edit;
  const isPicture = media.media_type.startsWith('image/');
  const { fields } = fieldProblems(edit.error, FIELDS);
  const problemOf = (field: (typeof FIELDS)[number]) =>
    fields.find(problem => problem.field === field)?.detail;

  return (
    <>
      {isPicture && (
        <FocalPointField
          media={media}
          value={draft.focal_point}
          onChange={mayWrite ? focal_point => change({ focal_point }) : undefined}
        />
      )}
      <Player media={media} />
      <MediaActions media={media} onShow={onShow} onClose={onClose} />
      <div className="grid gap-4">
        {isPicture && (
          <TextField
            label={said.alt}
            value={draft.alt}
            disabled={!mayWrite}
            autoComplete="off"
            hint={said.alt_hint}
            error={problemOf('alt')}
            onChange={event => change({ alt: event.target.value })}
          />
        )}
        <TagsField
          label={said.tags}
          tags={draft.tags}
          known={summary?.tags.map(({ tag }) => tag) ?? []}
          disabled={!mayWrite}
          error={problemOf('tags')}
          onChange={tags => change({ tags })}
        />
        <TextField
          label={said.name}
          value={draft.name}
          disabled={!mayWrite}
          autoComplete="off"
          error={problemOf('name')}
          onChange={event => change({ name: event.target.value })}
        />
        {mayWrite && (
          <p role="status" className="h-5 text-sm text-ink-faint">
            {edit.state !== 'failed' && said[`edit_${edit.state}`]}
          </p>
        )}
        {edit.error !== null && fields.length === 0 && (
          <ErrorNotice error={edit.error} onRetry={edit.retry} />
        )}
      </div>
      <Part title={said.where}>
        <WhereUsed uses={media.used_by} beside={media.used_beside} />
      </Part>
      {isPicture && (
        <Part title={said.sizes}>
          <VariantList media={media} />
        </Part>
      )}
      <p className="text-sm text-ink-faint">
        {media.media_type}, {formatBytes(media.size_bytes)}.{' '}
        {fill(media.uploaded_by ? said.came_by : said.came, {
          at: formatDateTime(media.created_at),
          name: media.uploaded_by ?? '',
        })}{' '}
        {media.original_name !== media.name && fill(said.original, { name: media.original_name })}
      </p>
    </>
  );
}

function Player({ media: { media_type, url } }: { media: MediaWithUses }) {
  const said = useWords().library;
  if (media_type.startsWith('video/')) {
    return (
      // biome-ignore lint/a11y/useMediaCaption: the library keeps no captions
      <video
        src={url}
        controls
        preload="metadata"
        className="max-h-[46vh] w-full rounded-xl bg-sunken"
      />
    );
  }
  if (media_type.startsWith('audio/')) {
    return (
      // biome-ignore lint/a11y/useMediaCaption: the library keeps no captions
      <audio src={url} controls preload="metadata" aria-label={said.file} className="w-full" />
    );
  }
  return null;
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h3 className="mb-2 text-sm font-medium text-ink-soft">{title}</h3>
      {children}
    </section>
  );
}
