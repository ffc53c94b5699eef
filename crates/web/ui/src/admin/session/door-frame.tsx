import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { siteQuery } from '../../api/queries';
import { useTitle } from '../../ui/hooks';
import { Logo } from '../../ui/logo';
import { ThemeButton } from '../../ui/theme-button';

type Props = { title: string; links: { to: string; label: string }[]; children: ReactNode };

/** What all views have that one sees before one is signed in. */
export function DoorFrame({ title, links, children }: Props) {
  const { data: site } = useQuery(siteQuery);
  useTitle(title, site?.title);
  return (
    <main className="relative isolate grid min-h-dvh place-items-center overflow-hidden px-4 py-12">
      <div aria-hidden="true" className="field-lines absolute inset-0 -z-10 text-ink/[0.07]" />
      <div className="absolute top-4 right-4">
        <ThemeButton />
      </div>
      <div className="w-full max-w-sm">
        <div className="mb-8 grid justify-items-center gap-4 text-center">
          <Logo className="size-12" />
          <div>
            <h1 className="text-2xl font-bold">{title}</h1>
            <p className="mt-1 min-h-6 text-ink-soft">{site?.title}</p>
          </div>
        </div>
        <div className="rounded-2xl border border-line bg-surface p-6 shadow-float sm:p-7">
          {children}
        </div>
        <ul className="mt-6 grid gap-2 text-center text-sm">
          {links.map(({ to, label }) => (
            <li key={to}>
              <Link
                to={to}
                className="text-ink-faint underline-offset-4 hover:text-ink hover:underline"
              >
                {label}
              </Link>
            </li>
          ))}
        </ul>
      </div>
    </main>
  );
}
