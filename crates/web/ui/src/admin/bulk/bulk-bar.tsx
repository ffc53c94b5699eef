import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '../../ui/button';
import { words } from '../words/words';

type Props = {
  label: string;
  /** How many are chosen, in words. */
  count: string;
  onClear: () => void;
  /** What can be done to them. */
  children: ReactNode;
};

/** What can be done to the chosen things of a list; stays in sight while one scrolls. */
export function BulkBar({ label, count, onClear, children }: Props) {
  return (
    <section
      aria-label={label}
      className="sticky bottom-3 z-10 mt-4 flex flex-wrap items-center gap-2 rounded-xl border border-line bg-surface p-3 shadow-float"
    >
      <p role="status" className="mr-auto px-1 text-sm text-ink-soft">
        {count}
      </p>
      {children}
      <Button tone="quiet" size="small" aria-label={words().bulk.choose_none} onPress={onClear}>
        <X aria-hidden />
      </Button>
    </section>
  );
}
