import { NavLink, Outlet } from 'react-router';
import { ViewBody, ViewHeader } from '../view-header';
import { words } from '../words/words';

const PARTS = [
  { to: '/admin/operations', end: true, part: 'health' },
  { to: '/admin/operations/backups', end: false, part: 'backups' },
  { to: '/admin/operations/server', end: false, part: 'server' },
  { to: '/admin/operations/log', end: false, part: 'log' },
] as const;

/** How the site is, and what keeps it alive. */
export function OperationsView() {
  const said = words().operations;
  return (
    <ViewBody>
      <ViewHeader title={said.title} />
      <nav
        aria-label={said.parts_label}
        className="relative mb-7 flex gap-5 overflow-x-auto border-b border-line"
      >
        {PARTS.map(({ to, end, part }) => (
          <NavLink
            key={to}
            to={to}
            end={end}
            className="-mb-px border-b-2 border-transparent px-0.5 pt-1 pb-2.5 font-medium whitespace-nowrap text-ink-soft hover:text-ink aria-[current=page]:border-accent aria-[current=page]:text-ink"
          >
            {said.parts[part]}
          </NavLink>
        ))}
      </nav>
      <Outlet />
    </ViewBody>
  );
}
