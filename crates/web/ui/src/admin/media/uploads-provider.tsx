import { createContext, type ReactNode, useContext, useEffect, useRef } from 'react';
import { Label, ProgressBar } from 'react-aria-components';
import { Link, useLocation } from 'react-router';
import { useUnloadWarning } from '../../ui/hooks';
import { ProgressTrack } from '../../ui/progress-track';
import { say } from '../../ui/toast';
import { useWords } from '../words/words';
import { queueInWords } from './upload-list';
import { isOpen, queueCounts } from './upload-queue';
import { useUploads } from './use-uploads';

type Uploads = ReturnType<typeof useUploads>;

const Context = createContext<Uploads | null>(null);

/** What is being sent goes on while one works elsewhere in the admin area. */
export function UploadsProvider({ children }: { children: ReactNode }) {
  const uploads = useUploads();
  useUnloadWarning(uploads.queue.some(isOpen));
  return (
    <Context value={uploads}>
      {children}
      <Elsewhere uploads={uploads} />
    </Context>
  );
}

export function useUploadQueue(): Uploads {
  const uploads = useContext(Context);
  if (!uploads) throw new Error('the view is outside of UploadsProvider');
  return uploads;
}

/** How far it is, where the list of uploads is not in sight. */
function Elsewhere({ uploads: { queue } }: { uploads: Uploads }) {
  const said = useWords().library;
  const { pathname } = useLocation();
  const isHere = pathname === '/admin/media';
  const { all, open, failed } = queueCounts(queue);
  const isBusy = open > 0;

  const wasBusy = useRef(false);
  const summary = queueInWords(queue, said);
  useEffect(() => {
    if (wasBusy.current && !isBusy && !isHere && all > 0) {
      say(summary, failed > 0 ? 'danger' : 'good');
    }
    wasBusy.current = isBusy;
  }, [isBusy, isHere, all, failed, summary]);

  if (isHere || !isBusy) return null;
  const there = queue.reduce((sum, { file, progress }) => sum + file.size * progress, 0);
  const size = queue.reduce((sum, { file }) => sum + file.size, 0);
  return (
    <Link
      to="/admin/media"
      className="fixed bottom-3 left-3 z-20 w-64 animate-appear rounded-xl border border-line bg-surface px-4 py-3 text-sm shadow-float hover:border-line-strong lg:left-[16rem]"
    >
      <ProgressBar value={(there / Math.max(1, size)) * 100}>
        {({ percentage, valueText }) => (
          <>
            <span className="flex justify-between gap-3">
              <Label>{summary}</Label>
              <span className="text-ink-faint tabular-nums">{valueText}</span>
            </span>
            <span className="mt-1.5 block">
              <ProgressTrack percent={percentage ?? 0} />
            </span>
          </>
        )}
      </ProgressBar>
    </Link>
  );
}
