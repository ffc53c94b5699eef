import { useQuery } from '@tanstack/react-query';
import {
  ExternalLink,
  FileText,
  Gauge,
  History,
  Images,
  Inbox,
  Mail,
  Settings,
  Users,
} from 'lucide-react';
import { Link, NavLink, Outlet } from 'react-router';
import { siteQuery } from '../../api/queries';
import type { Role } from '../../api/types';
import { Logo } from '../../ui/logo';
import { SkipLink } from '../../ui/skip-link';
import { useLiveChanges } from '../live/use-live-changes';
import { useScrollToTop } from '../router-hooks';
import { accountQuery, may } from '../session/account';
import { type AdminWords, useWords } from '../words/words';
import { AccountMenu } from './account-menu';
import { HealthBanner } from './health-banner';

type Place = { to: string; end: boolean; label: keyof AdminWords; icon: typeof Mail; least?: Role };

/** `least`: the role that sees it. What the server refuses is not offered. */
const PLACES: Place[] = [
  { to: '/admin', end: true, label: 'overview', icon: Gauge },
  { to: '/admin/pages', end: false, label: 'pages', icon: FileText },
  { to: '/admin/media', end: false, label: 'media', icon: Images },
  { to: '/admin/leads', end: false, label: 'leads', icon: Inbox, least: 'editor' },
  { to: '/admin/outbox', end: false, label: 'outbox', icon: Mail },
  { to: '/admin/team', end: false, label: 'team', icon: Users, least: 'admin' },
  { to: '/admin/settings', end: false, label: 'settings', icon: Settings, least: 'admin' },
  { to: '/admin/audit', end: false, label: 'audit', icon: History, least: 'admin' },
];

const PLACE =
  'flex shrink-0 items-center justify-center gap-2.5 whitespace-nowrap rounded-lg px-2.5 py-2 max-xs:px-2 text-[0.9375rem] font-medium text-ink-soft transition-colors ' +
  'hover:bg-paper hover:text-ink aria-[current=page]:bg-accent-soft aria-[current=page]:text-accent-strong lg:justify-start lg:px-3';

/** A column at the side on wide screens, two rows at the top on narrow ones. */
export function Shell() {
  const { data: site } = useQuery(siteQuery);
  const { data: account } = useQuery(accountQuery);
  const words = useWords();
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
          <div className="lg:hidden">
            <AccountMenu placement="bottom end" compact />
          </div>
        </div>
        <nav
          aria-label="Admin"
          className="relative flex gap-1 overflow-x-auto px-3 py-2 lg:mt-5 lg:flex-col"
        >
          {PLACES.filter(({ least }) => may(account?.role, least)).map(
            ({ to, end, label, icon: Icon }) => (
              <NavLink key={to} to={to} end={end} className={PLACE}>
                <Icon aria-hidden className="size-[1.15rem] max-xs:hidden" />
                {words[label]}
              </NavLink>
            ),
          )}
          <Link reloadDocument to="/" className={`${PLACE} max-lg:ml-auto lg:mt-4`}>
            <ExternalLink aria-hidden className="size-[1.15rem]" />
            <span className="max-sm:sr-only">{words.view_site}</span>
          </Link>
        </nav>
        <div className="mt-auto hidden border-t border-line p-3 lg:block">
          <AccountMenu placement="top start" />
        </div>
      </header>
      <main id="main" tabIndex={-1} className="min-w-0 outline-none">
        <HealthBanner />
        <Outlet />
      </main>
    </div>
  );
}
