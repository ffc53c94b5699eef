import { useQuery } from '@tanstack/react-query';
import { ImagePlus, PenLine } from 'lucide-react';
import { Link } from 'react-router';
import type { Overview } from '../../api/types';
import { counted } from '../../i18n/language';
import { buttonClass } from '../../ui/button-class';
import { Filled } from '../../ui/filled';
import { formatAgo, formatBytes, formatNumber } from '../../ui/format';
import { ErrorNotice } from '../../ui/notice';
import { Bone, Loading } from '../../ui/skeleton';
import { StatusBadge } from '../pages/status-badge';
import { overviewQuery } from '../queries';
import { useMay } from '../session/use-may';
import { ViewBody, ViewHeader } from '../view-header';
import { words } from '../words/words';
import { Attention } from './attention';
import { FirstSteps } from './first-steps';
import { Traffic } from './traffic';

export function OverviewView() {
  const said = words().overview;
  const overview = useQuery(overviewQuery);
  const mayWrite = useMay('editor');
  return (
    <ViewBody>
      <ViewHeader title={said.title}>
        {mayWrite && (
          <>
            <Link to="/admin/media" className={buttonClass('plain')}>
              <ImagePlus aria-hidden /> {said.add_media}
            </Link>
            <Link to="/admin/pages/new" className={buttonClass('primary')}>
              <PenLine aria-hidden /> {said.write}
            </Link>
          </>
        )}
      </ViewHeader>
      {overview.data ? (
        <Content overview={overview.data} />
      ) : overview.isError ? (
        <ErrorNotice error={overview.error} onRetry={overview.refetch} />
      ) : (
        <Skeleton />
      )}
    </ViewBody>
  );
}

function Content({ overview }: { overview: Overview }) {
  const said = words().overview;
  const { pages, media, database, recent, version } = overview;
  return (
    <>
      <dl className="grid grid-cols-2 gap-3 lg:grid-cols-4 lg:gap-4">
        <Stat
          name={said.published}
          value={formatNumber(pages.published)}
          note={counted(said.published_note, pages.published)}
        />
        <Stat name={said.drafts} value={formatNumber(pages.draft)} note={said.drafts_note} />
        <Stat
          name={said.media}
          value={formatNumber(media.count)}
          note={formatBytes(media.size_bytes)}
        />
        <Stat name={said.database} value={formatBytes(database.size_bytes)} note={said.one_file} />
      </dl>
      {recent.length > 0 && <Attention overview={overview} />}
      {recent.length === 0 ? (
        <FirstSteps />
      ) : (
        <section aria-labelledby="recent" className="mt-10">
          <div className="mb-3 flex items-baseline justify-between">
            <h2 id="recent" className="text-lg font-semibold">
              {said.recent}
            </h2>
            <Link to="/admin/pages" className="text-sm font-medium text-accent hover:underline">
              {counted(said.all_pages, pages.published + pages.draft)}
            </Link>
          </div>
          <ul className="divide-y divide-line overflow-hidden rounded-xl border border-line bg-surface shadow-card">
            {recent.map(page => (
              <li
                key={page.id}
                className="relative flex items-center gap-4 px-4 py-3.5 hover:bg-sunken sm:px-5"
              >
                <div className="min-w-0 flex-1">
                  <Link
                    to={`/admin/pages/${page.id}`}
                    className="block truncate font-medium after:absolute after:inset-0 after:content-['']"
                  >
                    {page.title}
                  </Link>
                  <p className="truncate text-sm text-ink-faint">
                    <Filled
                      text={page.author ? said.by : '{ago}'}
                      values={{
                        ago: <time dateTime={page.updated_at}>{formatAgo(page.updated_at)}</time>,
                        author: page.author,
                      }}
                    />
                  </p>
                </div>
                <StatusBadge status={page.status} />
              </li>
            ))}
          </ul>
        </section>
      )}
      <Traffic />
      <p className="mt-10 text-sm text-ink-faint">Magnetiq {version}</p>
    </>
  );
}

type StatProps = { name: string; value: string; note: string };

function Stat({ name, value, note }: StatProps) {
  return (
    <div className="rounded-xl border border-line bg-surface px-4 py-4 shadow-card sm:px-5">
      <dt className="text-sm font-medium text-ink-soft">{name}</dt>
      <dd className="mt-1 text-3xl leading-tight font-bold tracking-tight whitespace-nowrap tabular-nums">
        {value}
      </dd>
      <dd className="mt-0.5 text-sm text-ink-faint">{note}</dd>
    </div>
  );
}

function Skeleton() {
  return (
    <Loading what={words().overview.the_overview}>
      <div className="grid grid-cols-2 gap-3 lg:grid-cols-4 lg:gap-4">
        {['a', 'b', 'c', 'd'].map(key => (
          <Bone key={key} className="h-[7.4rem] rounded-xl" />
        ))}
      </div>
      <Bone className="mt-10 h-7 w-44" />
      <Bone className="mt-3 h-90 rounded-xl" />
    </Loading>
  );
}
