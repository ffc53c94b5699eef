import { useInfiniteQuery } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { Link } from 'react-router';
import type { AuditEntry } from '../../api/types';
import { fill } from '../../i18n/language';
import { buttonClass } from '../../ui/button-class';
import { formatDateTime } from '../../ui/format';
import { LoadMore } from '../../ui/load-more';
import { ErrorNotice } from '../../ui/notice';
import { Bone, Loading } from '../../ui/skeleton';
import { auditQuery } from '../queries';
import { withValues } from '../use-place';
import { ViewBody, ViewHeader } from '../view-header';
import { words } from '../words/words';
import { AuditFilter } from './audit-filter';
import { useAuditPlace } from './use-audit-place';

/** Who changed what, and when. */
export function AuditView() {
  const said = words().audit;
  const place = useAuditPlace();
  const { filter, parameters } = place;
  const list = useInfiniteQuery(auditQuery(filter));
  const entries = list.data?.pages.flatMap(part => part.items);
  return (
    <ViewBody>
      <ViewHeader title={said.title}>
        <a
          className={buttonClass()}
          href={`/api/v1/admin/audit.csv?${new URLSearchParams(filter)}`}
          download
        >
          <Download aria-hidden /> {said.export}
        </a>
      </ViewHeader>
      <AuditFilter place={place} />
      {list.isError && !entries ? (
        <ErrorNotice error={list.error} onRetry={list.refetch} />
      ) : !entries ? (
        <Loading what={said.the_log}>
          <Bone className="h-40 rounded-xl" />
        </Loading>
      ) : entries.length === 0 ? (
        <p className="rounded-xl border border-dashed border-line-strong px-6 py-14 text-center">
          {Object.keys(filter).length > 0 ? said.nothing_matches : said.nothing}
        </p>
      ) : (
        <>
          <ol
            aria-label={said.changes}
            className="divide-y divide-line rounded-xl border border-line bg-surface shadow-card"
          >
            {entries.map(entry => (
              <Row key={entry.number} entry={entry} parameters={parameters} />
            ))}
          </ol>
          <LoadMore query={list} />
        </>
      )}
    </ViewBody>
  );
}

function Row({ entry, parameters }: { entry: AuditEntry; parameters: URLSearchParams }) {
  /** The address of what is shown, with only these of it. */
  const only = (values: Record<string, string>) => ({
    search: `?${withValues(parameters, values)}`,
  });
  const fields = new Set([...Object.keys(entry.before ?? {}), ...Object.keys(entry.after ?? {})]);
  const changed = [...fields].filter(
    field => !isEmpty(entry.before?.[field]) || !isEmpty(entry.after?.[field]),
  );
  return (
    <li className="px-4 py-3.5 md:px-5">
      <p className="break-words">
        {entry.actor_id ? (
          <Link to={only({ actor: entry.actor_id })} className="font-medium hover:underline">
            {entry.actor}
          </Link>
        ) : (
          <span className="font-medium">{entry.actor}</span>
        )}{' '}
        <Link
          to={only({ action: entry.action })}
          className="rounded bg-sunken px-1.5 py-0.5 font-mono text-sm hover:underline"
        >
          {entry.action}
        </Link>{' '}
        <span className="font-medium">{entry.subject}</span>
      </p>
      <p className="text-sm text-ink-faint">
        <time dateTime={entry.at}>{formatDateTime(entry.at)}</time>,{' '}
        {entry.address
          ? fill(words().audit.from_address, { via: entry.via, address: entry.address })
          : entry.via}
      </p>
      {changed.length > 0 && (
        <details className="mt-1 text-sm">
          <summary className="cursor-pointer text-ink-soft">{words().audit.what_changed}</summary>
          <dl className="mt-2 grid gap-x-6 gap-y-1 sm:grid-cols-[max-content_1fr]">
            {changed.map(field => (
              <div key={field} className="contents">
                <dt className="text-ink-faint">{field}</dt>
                <dd className="min-w-0 break-words">
                  {entry.before && <del>{shown(entry.before[field])}</del>}
                  {entry.before && entry.after && ' '}
                  {entry.after && <ins>{shown(entry.after[field])}</ins>}
                </dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </li>
  );
}

const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && !value.length);

const shown = (value: unknown): string => {
  if (isEmpty(value)) return words().audit.none;
  return typeof value === 'string' ? value : JSON.stringify(value);
};
