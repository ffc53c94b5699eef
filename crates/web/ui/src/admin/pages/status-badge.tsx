import type { PageStatus } from '../../api/types';

export function StatusBadge({ status }: { status: PageStatus }) {
  const published = status === 'published';
  return (
    <span
      className={`inline-flex items-center gap-1.5 rounded-full px-2.5 py-0.5 text-xs font-semibold ${
        published ? 'bg-good-soft text-good' : 'bg-warn-soft text-warn'
      }`}
    >
      <span aria-hidden="true" className="size-1.5 rounded-full bg-current" />
      {published ? 'Published' : 'Draft'}
    </span>
  );
}
