import { CircleAlert, CircleCheck } from 'lucide-react';
import { Label, ProgressBar } from 'react-aria-components';
import { Button } from '../../ui/button';
import { formatBytes } from '../../ui/format';
import { queueInWords, type Upload } from './upload-queue';

type Props = { queue: Upload[]; onRetry: (id: number) => void; onDismiss: () => void };

export function UploadList({ queue, onRetry, onDismiss }: Props) {
  const open = queue.some(upload => upload.state === 'waiting' || upload.state === 'sending');
  return (
    <section
      aria-label="Uploads"
      className={
        queue.length === 0 ? '' : 'mb-6 rounded-xl border border-line bg-surface p-4 shadow-card'
      }
    >
      <div className="flex items-center justify-between gap-4">
        <p role="status" className="font-medium">
          {queue.length > 0 && queueInWords(queue)}
        </p>
        {queue.length > 0 && !open && (
          <Button size="small" tone="quiet" onPress={onDismiss}>
            Clear
          </Button>
        )}
      </div>
      {queue.length > 0 && (
        <ul className="mt-2 grid max-h-72 gap-3 overflow-y-auto">
          {queue.map(upload => (
            <UploadRow key={upload.id} upload={upload} onRetry={() => onRetry(upload.id)} />
          ))}
        </ul>
      )}
    </section>
  );
}

function UploadRow({ upload, onRetry }: { upload: Upload; onRetry: () => void }) {
  const { file, state, progress, problem } = upload;
  if (state === 'failed') {
    return (
      <li className="flex items-start gap-3">
        <CircleAlert aria-hidden className="mt-0.5 size-5 shrink-0 text-danger" />
        <div className="min-w-0 flex-1">
          <p className="truncate">{file.name}</p>
          <p className="text-sm text-danger">{problem}</p>
        </div>
        <Button size="small" onPress={onRetry} aria-label={`Try ${file.name} again`}>
          Try again
        </Button>
      </li>
    );
  }
  return (
    <li>
      <ProgressBar value={progress * 100}>
        {({ percentage, valueText }) => (
          <>
            <div className="flex items-center gap-3">
              <Label className="min-w-0 flex-1 truncate">{file.name}</Label>
              <span className="text-sm whitespace-nowrap text-ink-faint tabular-nums">
                {state === 'done'
                  ? formatBytes(file.size)
                  : state === 'waiting'
                    ? 'Waiting'
                    : valueText}
              </span>
              {state === 'done' && <CircleCheck aria-hidden className="size-5 text-good" />}
            </div>
            {state !== 'done' && (
              <div className="mt-1.5 h-1.5 overflow-hidden rounded-full bg-sunken">
                <div
                  className="h-full rounded-full bg-accent transition-[width]"
                  style={{ width: `${percentage ?? 0}%` }}
                />
              </div>
            )}
          </>
        )}
      </ProgressBar>
    </li>
  );
}
