import type { ReactNode } from 'react';
import { inWords } from '../api/problem';
import { buttonClass } from './button-class';

type NoticeProps = {
  title: string;
  tone?: 'danger' | 'warn' | 'good';
  children?: ReactNode;
  action?: ReactNode;
};

const TONES = {
  danger: 'bg-danger-soft text-danger border-danger/25',
  warn: 'bg-warn-soft text-warn border-warn/25',
  good: 'bg-good-soft text-good border-good/25',
};

export function Notice({ title, tone = 'danger', children, action }: NoticeProps) {
  return (
    <div
      role={tone === 'danger' ? 'alert' : 'status'}
      className={`flex flex-wrap items-center gap-x-4 gap-y-3 rounded-xl border px-4 py-3 text-[0.9375rem] ${TONES[tone]}`}
    >
      <div className="min-w-0 flex-1 basis-56">
        <p className="font-semibold">{title}</p>
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
            Try again
          </button>
        )
      }
    >
      {detail}
    </Notice>
  );
}
