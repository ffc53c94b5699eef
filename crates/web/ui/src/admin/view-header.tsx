import type { ReactNode } from 'react';
import { useTitle } from '../ui/hooks';
import { useArrivalFocus } from './router-hooks';
import { words } from './words/words';

/** The first line of every view of the admin area: its name, and what can be done there. */
export function ViewHeader({ title, children }: { title: string; children?: ReactNode }) {
  const heading = useArrivalFocus<HTMLHeadingElement>();
  useTitle(title, words().shell.admin);
  return (
    <div className="mb-7 flex flex-wrap items-center justify-between gap-x-6 gap-y-3">
      <h1 ref={heading} tabIndex={-1} className="text-3xl font-bold">
        {title}
      </h1>
      <div className="flex flex-wrap gap-2">{children}</div>
    </div>
  );
}

/** `narrow`: for what is written from top to bottom, which a wide screen would pull apart. */
export function ViewBody({ children, narrow }: { children: ReactNode; narrow?: boolean }) {
  return (
    <div className="mx-auto max-w-6xl px-4 py-7 sm:px-8 sm:py-10">
      <div className={narrow ? 'max-w-3xl' : ''}>{children}</div>
    </div>
  );
}
