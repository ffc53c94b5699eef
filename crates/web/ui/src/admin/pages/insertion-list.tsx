import { X } from 'lucide-react';
import { Label, ProgressBar } from 'react-aria-components';
import { fill } from '../../i18n/language';
import { Button } from '../../ui/button';
import { useWords } from '../words/words';
import type { Insertion } from './use-file-insertion';

/** How far the files are that come into the text. */
export function InsertionList({ insertions }: { insertions: Insertion[] }) {
  const said = useWords().editor;
  if (insertions.length === 0) return null;
  return (
    <ul aria-label={said.insertions} className="border-b border-line bg-paper px-4 py-2 sm:px-8">
      {insertions.map(({ id, name, progress, stalled, cancel }) => (
        <li key={id}>
          <ProgressBar value={progress * 100} className="flex items-center gap-3 text-sm">
            {({ percentage, valueText }) => (
              <>
                <Label className="min-w-0 flex-1 truncate">{name}</Label>
                <span className={stalled ? 'text-warn' : 'text-ink-faint tabular-nums'}>
                  {stalled ? said.stalled : valueText}
                </span>
                <div className="h-1.5 w-24 overflow-hidden rounded-full bg-line max-sm:hidden">
                  <div
                    className="h-full rounded-full bg-accent transition-[width]"
                    style={{ width: `${percentage ?? 0}%` }}
                  />
                </div>
                <Button
                  tone="quiet"
                  size="icon"
                  aria-label={fill(said.cancel_upload, { name })}
                  onPress={cancel}
                >
                  <X aria-hidden />
                </Button>
              </>
            )}
          </ProgressBar>
        </li>
      ))}
    </ul>
  );
}
