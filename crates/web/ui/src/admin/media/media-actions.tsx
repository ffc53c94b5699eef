import { useMutation } from '@tanstack/react-query';
import { Copy, Crop, ExternalLink, Replace, Trash2 } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { FileTrigger, Label, ProgressBar } from 'react-aria-components';
import type { MediaWithUses } from '../../api/types';
import { counted, fill } from '../../i18n/language';
import { Button } from '../../ui/button';
import { buttonClass } from '../../ui/button-class';
import { ErrorNotice } from '../../ui/notice';
import { ProgressTrack } from '../../ui/progress-track';
import { say } from '../../ui/toast';
import { mediaMarkdown } from '../pages/markdown-edits';
import { useMay } from '../session/use-may';
import { useWords } from '../words/words';
import { isCroppable } from './crop';
import { useDeletion } from './deletions';
import { useReplacement } from './replace-content';

const CropDialog = lazy(() => import('./crop-dialog').then(part => ({ default: part.CropDialog })));

type Props = { media: MediaWithUses; onShow: (id: string) => void; onClose: () => void };

/** What can be done to a file. */
export function MediaActions({ media, onShow, onClose }: Props) {
  const said = useWords().library;
  const mayWrite = useMay('editor');
  const remove = useDeletion();
  const replaceWith = useReplacement();
  const [cropping, setCropping] = useState(false);
  const [sent, setSent] = useState(0);
  const replace = useMutation({
    mutationFn: (file: File) => {
      setSent(0);
      return replaceWith(media, { file, focal_point: { x: 0.5, y: 0.5 } }, setSent);
    },
  });
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(mediaMarkdown(media));
      say(said.copied);
    } catch {
      say(said.not_copied, 'danger');
    }
  };
  const isOnPages = media.used_by.length > 0;
  const isUsed = isOnPages || media.used_beside.length > 0;
  return (
    <div className="grid gap-3">
      <div className="flex flex-wrap gap-2">
        {mayWrite && isCroppable(media) && (
          <Button size="small" onPress={() => setCropping(true)}>
            <Crop aria-hidden /> {said.crop}
          </Button>
        )}
        {mayWrite && (
          <FileTrigger
            acceptedFileTypes={[accepted(media.media_type)]}
            onSelect={files => files?.[0] && replace.mutate(files[0])}
          >
            <Button size="small" isDisabled={replace.isPending}>
              <Replace aria-hidden /> {said.replace}
            </Button>
          </FileTrigger>
        )}
        <Button size="small" onPress={copy}>
          <Copy aria-hidden /> {said.copy}
        </Button>
        <a
          href={media.url}
          target="_blank"
          rel="noreferrer"
          className={buttonClass('plain', 'small')}
        >
          <ExternalLink aria-hidden /> {said.open}
        </a>
        {mayWrite && (
          <Button
            size="small"
            isDisabled={isUsed}
            {...(isUsed && { 'aria-describedby': 'media-in-use' })}
            onPress={() => {
              onClose();
              remove([media]);
            }}
            className="sm:ml-auto"
          >
            <Trash2 aria-hidden /> {said.delete}
          </Button>
        )}
      </div>
      {replace.isPending && (
        <ProgressBar value={sent * 100} className="block text-sm">
          {({ percentage, valueText }) => (
            <>
              <span className="mb-1 flex justify-between gap-3">
                <Label>{fill(said.replacing, { name: replace.variables.name })}</Label>
                <span className="text-ink-faint tabular-nums">{valueText}</span>
              </span>
              <ProgressTrack percent={percentage ?? 0} />
            </>
          )}
        </ProgressBar>
      )}
      {mayWrite && isUsed && (
        <p id="media-in-use" className="text-sm text-ink-faint">
          {isOnPages ? counted(said.in_use, media.used_by.length) : said.in_use_beside}
        </p>
      )}
      {replace.isError && <ErrorNotice error={replace.error} />}
      {cropping && (
        <Suspense>
          <CropDialog media={media} onMade={onShow} onClose={() => setCropping(false)} />
        </Suspense>
      )}
    </div>
  );
}

/** Only what the server would take: a picture for a picture. */
function accepted(mediaType: string): string {
  const kind = mediaType.split('/')[0] ?? '';
  return ['image', 'video', 'audio', 'font'].includes(kind) ? `${kind}/*` : mediaType;
}
