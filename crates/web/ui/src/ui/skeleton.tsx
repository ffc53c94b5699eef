import { fill } from '../i18n/language';
import { words } from '../words/words';

/** A grey bar of the size of the text that will stand there. Hidden from screen readers; `Loading` speaks for it. */
export function Bone({ className }: { className: string }) {
  return (
    <span aria-hidden="true" className={`block animate-pulse-calm rounded bg-line ${className}`} />
  );
}

export function Loading({ what, children }: { what: string; children: React.ReactNode }) {
  return (
    <div aria-busy="true">
      <span role="status" className="sr-only">
        {fill(words().loading_what, { what })}
      </span>
      {children}
    </div>
  );
}
