import { useQuery } from '@tanstack/react-query';
import { Meter } from 'react-aria-components';
import { counted, fill } from '../../i18n/language';
import { formatBytes } from '../../ui/format';
import { mediaSummaryQuery } from '../queries';
import { useWords } from '../words/words';

/** From here on the bar warns. */
const FULL_PERCENT = 90;

/** How much there is, and how much more may come. */
export function QuotaBar() {
  const said = useWords().library;
  const { data: summary } = useQuery(mediaSummaryQuery);
  if (!summary) return <p className="mb-5 h-5" aria-hidden="true" />;
  const { files, size_bytes, coming_bytes, quota_bytes, left_bytes, queued_files } = summary;
  const size = formatBytes(size_bytes);
  const count = counted(said.count, files, { size });
  const soon = queued_files > 0 && counted(said.queued, queued_files);
  const text = [count, soon].filter(Boolean).join(' ');
  if (quota_bytes == null) return <p className="mb-5 text-sm text-ink-faint">{text}</p>;

  const percent = Math.min(100, ((size_bytes + coming_bytes) / quota_bytes) * 100);
  return (
    <Meter value={percent} aria-label={said.quota} className="mb-5 block max-w-xl">
      <div className="mb-1.5 flex flex-wrap justify-between gap-x-4 text-sm text-ink-faint">
        <span>{text}</span>
        <span className={percent >= FULL_PERCENT ? 'font-medium text-danger' : ''}>
          {fill(said.left, {
            left: formatBytes(left_bytes ?? 0),
            quota: formatBytes(quota_bytes),
          })}
        </span>
      </div>
      <div className="h-1.5 overflow-hidden rounded-full bg-line">
        <div
          className={`h-full rounded-full ${percent >= FULL_PERCENT ? 'bg-danger' : 'bg-accent'}`}
          style={{ width: `${percent}%` }}
        />
      </div>
    </Meter>
  );
}
