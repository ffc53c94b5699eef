import { CircleAlert, CircleCheck, Pause, Play, X } from 'lucide-react';
import { Label, ProgressBar } from 'react-aria-components';
import { Link } from 'react-router';
import { fill } from '../../i18n/language';
import { Button } from '../../ui/button';
import { formatBytes } from '../../ui/format';
import { ProgressTrack } from '../../ui/progress-track';
import { type AdminWords, useWords } from '../words/words';
import { isOpen, queueCounts, type Upload } from './upload-queue';
import type { useUploads } from './use-uploads';

type Props = {
  uploads: ReturnType<typeof useUploads>;
  placeOf: (media: string) => { search: string };
};

export function UploadList({ uploads, placeOf }: Props) {
  const said = useWords().library;
  const { queue } = uploads;
  return (
    <section
      aria-label={said.uploads}
      className={
        queue.length === 0 ? '' : 'mb-6 rounded-xl border border-line bg-surface p-4 shadow-card'
      }
    >
      <div
        className={`flex items-center justify-between gap-4 ${queue.length > 0 ? 'min-h-8' : ''}`}
      >
        <p role="status" className="font-medium">
          {queue.length > 0 && queueInWords(queue, said)}
        </p>
        {queue.some(upload => !isOpen(upload)) && (
          <Button size="small" tone="quiet" onPress={uploads.dismiss}>
            {said.uploads_clear}
          </Button>
        )}
      </div>
      {queue.length > 0 && (
        <ul className="mt-2 grid max-h-72 gap-3 overflow-y-auto">
          {queue.map(upload => (
            <li key={upload.id}>
              {isOpen(upload) ? (
                <OpenUpload upload={upload} uploads={uploads} />
              ) : upload.state === 'failed' ? (
                <FailedUpload upload={upload} onRetry={() => uploads.retry(upload.id)} />
              ) : (
                <DoneUpload upload={upload} placeOf={placeOf} />
              )}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** How the queue stands, in a sentence for the live region. */
export function queueInWords(queue: Upload[], said: AdminWords['library']): string {
  const { all, open, done, failed } = queueCounts(queue);
  const count = open > 0 ? said.uploads_open : said.uploads_done;
  const parts = [fill(count, { open, done, all })];
  if (failed > 0) parts.push(fill(said.uploads_failed, { failed }));
  return parts.join(' ');
}

type RowProps = { upload: Upload; uploads: ReturnType<typeof useUploads> };

function OpenUpload({ upload, uploads }: RowProps) {
  const said = useWords().library;
  const { id, file, state, progress, stalled } = upload;
  const { name } = file;
  return (
    <ProgressBar value={progress * 100}>
      {({ percentage, valueText }) => (
        <>
          <div className="flex items-center gap-2">
            <Label className="min-w-0 flex-1 truncate">{name}</Label>
            <span
              className={`text-sm whitespace-nowrap tabular-nums ${stalled ? 'text-warn' : 'text-ink-faint'}`}
            >
              {stalled
                ? said.upload_stalled
                : state === 'waiting'
                  ? said.upload_waiting
                  : state === 'paused'
                    ? `${said.upload_paused}, ${valueText}`
                    : valueText}
            </span>
            {state === 'sending' && (
              <Button
                tone="quiet"
                size="icon"
                aria-label={fill(said.upload_pause, { name })}
                onPress={() => uploads.pause(id)}
              >
                <Pause aria-hidden />
              </Button>
            )}
            {state === 'paused' && (
              <Button
                tone="quiet"
                size="icon"
                aria-label={fill(said.upload_resume, { name })}
                onPress={() => uploads.resume(id)}
              >
                <Play aria-hidden />
              </Button>
            )}
            <Button
              tone="quiet"
              size="icon"
              aria-label={fill(said.upload_cancel, { name })}
              onPress={() => uploads.cancel(id)}
            >
              <X aria-hidden />
            </Button>
          </div>
          <div className="mt-1">
            <ProgressTrack percent={percentage ?? 0} isHeld={stalled || state === 'paused'} />
          </div>
        </>
      )}
    </ProgressBar>
  );
}

function FailedUpload({ upload, onRetry }: { upload: Upload; onRetry: () => void }) {
  const said = useWords().library;
  const { name } = upload.file;
  return (
    <div className="flex items-start gap-3">
      <CircleAlert aria-hidden className="mt-0.5 size-5 shrink-0 text-danger" />
      <div className="min-w-0 flex-1">
        <p className="truncate">{name}</p>
        <p className="text-sm text-danger">{upload.problem}</p>
      </div>
      <Button size="small" onPress={onRetry} aria-label={fill(said.upload_retry_label, { name })}>
        {said.upload_retry}
      </Button>
    </div>
  );
}

function DoneUpload({ upload, placeOf }: { upload: Upload; placeOf: Props['placeOf'] }) {
  const said = useWords().library;
  const { file, media, duplicate } = upload;
  return (
    <div className="flex items-center gap-3">
      <CircleCheck aria-hidden className="size-5 shrink-0 text-good" />
      <p className="min-w-0 flex-1 truncate">
        {media ? (
          <Link
            to={placeOf(media.id)}
            state={{ opened: true }}
            className="hover:text-accent hover:underline"
          >
            {file.name}
          </Link>
        ) : (
          file.name
        )}
        {duplicate && media && (
          <span className="block truncate text-sm text-ink-soft">
            {fill(said.upload_duplicate, { name: media.name })}
          </span>
        )}
      </p>
      <span className="text-sm whitespace-nowrap text-ink-faint">{formatBytes(file.size)}</span>
    </div>
  );
}
