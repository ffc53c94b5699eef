import { Link } from 'react-router';
import type { MediaUse } from '../../api/types';
import { StatusBadge } from '../pages/status-badge';
import { useWords } from '../words/words';

type Props = {
  uses: MediaUse[];
  /** Menus, and the setting of the logo. */
  beside: string[];
};

/** What shows a file: as long as something does, it cannot be deleted. */
export function WhereUsed({ uses, beside }: Props) {
  const said = useWords().library;
  if (uses.length + beside.length === 0)
    return <p className="text-ink-soft">{said.used_nowhere}</p>;
  return (
    <ul className="divide-y divide-line rounded-lg border border-line">
      {uses.map(({ id, title, slug, status, in_trash }) => (
        <li key={id} className="relative flex items-center gap-3 px-3.5 py-2 hover:bg-sunken">
          <div className="min-w-0 flex-1">
            <Link
              to={in_trash ? '/admin/trash' : `/admin/pages/${id}`}
              className="block truncate font-medium after:absolute after:inset-0 after:content-['']"
            >
              {title}
            </Link>
            <p className="truncate text-sm text-ink-faint">/{slug}</p>
          </div>
          {in_trash ? (
            <span className="text-sm text-ink-faint">{said.in_trash}</span>
          ) : (
            <StatusBadge status={status} />
          )}
        </li>
      ))}
      {beside.map(place => (
        <li key={place} className="truncate px-3.5 py-2">
          {place}
        </li>
      ))}
    </ul>
  );
}
