import type { ReactNode } from 'react';
import { inWords } from '../api/problem';
import { words } from '../words/words';
import { buttonClass } from './button-class';

type NoticeProps = { title: string; children?: ReactNode; action?: ReactNode };

/** Something that went wrong, where it went wrong. */
export function Notice({ title, children, action }: NoticeProps) {
  return (
    <div
      role="alert"
      className="flex flex-wrap items-center gap-x-4 gap-y-3 rounded-xl border border-danger/25 bg-danger-soft px-4 py-3 text-[0.9375rem]"
    >
      <div className="min-w-0 flex-1 basis-56">
        <p className="font-semibold text-danger">{title}</p>
        {children && <div className="text-ink-soft">{children}</div>}
      </div>
      {action}
    </div>
  );
}

/** A failure in words, with a way to try again where that can help. */
export function ErrorNotice({
  error,
  onRetry,
}: {
  error: unknown;
  onRetry?: (() => void) | undefined;
}) {
  const { title, detail, canRetry } = inWords(error);
  return (
    <Notice
      title={title}
      action={
        canRetry &&
        onRetry && (
          <button type="button" className={buttonClass('plain', 'small')} onClick={onRetry}>
            {words().retry}
          </button>
        )
      }
    >
      {detail}
    </Notice>
  );
}
