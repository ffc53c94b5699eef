import { useQuery } from '@tanstack/react-query';
import { Suspense } from 'react';
import { Link, Outlet } from 'react-router';
import { siteQuery } from '../api/public-queries';
import { buttonClass } from '../ui/button-class';
import { useScrollToTop } from '../ui/hooks';
import { SearchIcon } from '../ui/icons';
import { Logo } from '../ui/logo';
import { Bone } from '../ui/skeleton';
import { SkipLink } from '../ui/skip-link';
import { ThemeButton } from '../ui/theme-button';

export function PublicLayout() {
  const { data: site } = useQuery(siteQuery);
  useScrollToTop();
  return (
    <div className="flex min-h-dvh flex-col">
      <SkipLink />
      <header className="sticky top-0 z-10 border-b border-line bg-paper/90 backdrop-blur-sm">
        <div className="mx-auto flex h-16 max-w-5xl items-center gap-2 px-4 sm:px-6">
          <Link to="/" className="mr-auto flex min-w-0 items-center gap-3 rounded-lg font-semibold">
            <Logo />
            {site ? <span className="truncate">{site.title}</span> : <Bone className="h-4 w-28" />}
          </Link>
          <nav aria-label="Site" className="flex items-center gap-1">
            <Link to="/search" className={buttonClass('quiet', 'small', 'h-9')}>
              <SearchIcon /> Search
            </Link>
            <ThemeButton />
          </nav>
        </div>
      </header>
      <main id="main" tabIndex={-1} className="flex-1 outline-none">
        {/* Views that few visitors need come when they are wanted. */}
        <Suspense>
          <Outlet />
        </Suspense>
      </main>
      <footer className="mt-20 border-t border-line">
        <div className="mx-auto flex max-w-5xl flex-wrap items-center justify-between gap-x-6 gap-y-2 px-4 py-8 text-sm text-ink-faint sm:px-6">
          <p>{site?.title}</p>
          <p className="flex gap-5">
            <span>Kept alive by Magnetiq</span>
            <Link to="/admin" className="underline-offset-4 hover:text-ink hover:underline">
              Sign in
            </Link>
          </p>
        </div>
      </footer>
    </div>
  );
}
