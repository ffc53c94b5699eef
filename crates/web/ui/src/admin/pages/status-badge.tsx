import type { PageStatus } from '../../api/types';
import { words } from '../words/words';

export function StatusBadge({ status }: { status: PageStatus }) {
  const published = status === 'published';
  return (
    <span
      className={`inline-flex items-center gap-1.5 rounded-full px-2.5 py-0.5 text-xs font-semibold ${
        published ? 'bg-good-soft text-good' : 'bg-warn-soft text-warn'
      }`}
    >
      <span aria-hidden="true" className="size-1.5 rounded-full bg-current" />
      {words().pages.statuses[status]}
    </span>
  );
}
