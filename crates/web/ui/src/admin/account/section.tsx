import type { ReactNode } from 'react';

type Props = { title: string; about?: string; children: ReactNode };

/** One part of the account's view. */
export function Section({ title, about, children }: Props) {
  return (
    <section className="rounded-xl border border-line bg-surface p-5 shadow-card sm:p-6">
      <h2 className="text-lg font-semibold">{title}</h2>
      {about && <p className="mt-1 text-sm text-ink-soft">{about}</p>}
      <div className="mt-4">{children}</div>
    </section>
  );
}
