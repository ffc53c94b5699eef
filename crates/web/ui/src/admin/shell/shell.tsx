import { useQuery } from '@tanstack/react-query';
import { ExternalLink } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Link, Outlet, useLocation } from 'react-router';
import { siteQuery } from '../../api/queries';
import { Logo } from '../../ui/logo';
import { SkipLink } from '../../ui/skip-link';
import { useLiveChanges } from '../live/use-live-changes';
import { UploadsProvider } from '../media/uploads-provider';
import { PaletteButton } from '../palette/palette-button';
import { type Open, PaletteHost } from '../palette/palette-host';
import { useScrollToTop } from '../router-hooks';
import { accountQuery, may } from '../session/account';
import { words } from '../words/words';
import { AccountMenu } from './account-menu';
import { HealthBanner } from './health-banner';
import { isAt, PLACES } from './places';

const PLACE =
  'flex shrink-0 items-center justify-center gap-2.5 whitespace-nowrap rounded-lg px-2.5 py-2 max-xs:px-2 text-[0.9375rem] font-medium text-ink-soft transition-colors ' +
  'hover:bg-paper hover:text-ink aria-[current=page]:bg-accent-soft aria-[current=page]:text-accent-strong lg:justify-start lg:px-3';

/** A column at the side on wide screens, two rows at the top on narrow ones. */
export function Shell() {
  const { data: site } = useQuery(siteQuery);
  const { data: account } = useQuery(accountQuery);
  const said = words().shell;
  const { pathname } = useLocation();
  const places = useCurrentInView();
  const [open, setOpen] = useState<Open>(null);
  useScrollToTop();
  useLiveChanges();
  return (
    <div className="lg:grid lg:grid-cols-[15rem_minmax(0,1fr)]">
      <SkipLink />
      <header className="border-line bg-sunken max-lg:border-b lg:sticky lg:top-0 lg:flex lg:h-dvh lg:flex-col lg:border-r">
        <div className="flex items-center justify-between gap-3 px-4 pt-3 lg:px-5 lg:pt-5">
          <Link to="/admin" className="flex min-w-0 items-center gap-2.5 rounded-lg font-semibold">
            <Logo className="size-6 shrink-0" />
            <span className="truncate">{site?.title ?? 'Magnetiq'}</span>
          </Link>
          <div className="flex items-center gap-2 lg:hidden">
            <PaletteButton compact onOpen={() => setOpen('palette')} />
            <AccountMenu placement="bottom end" compact />
          </div>
        </div>
        <div className="mx-3 mt-5 max-lg:hidden">
          <PaletteButton onOpen={() => setOpen('palette')} />
        </div>
        <nav
          ref={places}
          aria-label={said.admin}
          className="relative flex gap-1 overflow-x-auto px-3 py-2 lg:mt-2 lg:flex-col"
        >
          {PLACES.filter(({ least }) => may(account?.role, least)).map(place => {
            const { to, label, icon: Icon } = place;
            return (
              <Link
                key={to}
                to={to}
                aria-current={isAt(place, pathname) ? 'page' : undefined}
                className={PLACE}
              >
                <Icon aria-hidden className="size-[1.15rem] max-xs:hidden" />
                {said.places[label]}
              </Link>
            );
          })}
          <Link reloadDocument to="/" className={`${PLACE} max-lg:ml-auto lg:mt-4`}>
            <ExternalLink aria-hidden className="size-[1.15rem]" />
            <span className="max-sm:sr-only">{said.view_site}</span>
          </Link>
        </nav>
        <div className="mt-auto hidden border-t border-line p-3 lg:block">
          <AccountMenu placement="top start" />
        </div>
      </header>
      <main id="main" tabIndex={-1} className="min-w-0 outline-none">
        <HealthBanner />
        <UploadsProvider>
          <Outlet />
        </UploadsProvider>
      </main>
      <PaletteHost open={open} onOpen={setOpen} />
    </div>
  );
}

/** Where the row of places is longer than the screen, the one that is open is seen. */
function useCurrentInView() {
  const row = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each path
  useEffect(() => {
    const current = row.current?.querySelector<HTMLElement>('[aria-current=page]');
    if (!row.current || !current) return;
    const before = (row.current.clientWidth - current.offsetWidth) / 2;
    row.current.scrollLeft = current.offsetLeft - before;
  }, [pathname]);
  return row;
}
