import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { counted, fill } from '../../i18n/language';
import { formatBytes, formatDuration, formatNumber } from '../../ui/format';
import { ErrorNotice } from '../../ui/notice';
import { Bone, Loading } from '../../ui/skeleton';
import { Section } from '../account/section';
import { words } from '../words/words';
import { certificateQuery, databaseQuery } from './queries';

/** The file that holds everything, and the certificate that visitors get. */
export function ServerPart() {
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-6 lg:grid-cols-2">
      <DatabaseSection />
      <CertificateSection />
    </div>
  );
}

function DatabaseSection() {
  const said = words().operations.database;
  const { data, error, refetch } = useQuery(databaseQuery);
  return (
    <Section title={said.title}>
      {error ? (
        <ErrorNotice error={error} onRetry={refetch} />
      ) : !data ? (
        <Loading what={said.the_facts}>
          <Bone className="h-60" />
        </Loading>
      ) : (
        <dl className="grid gap-y-2">
          <Fact name={said.file}>
            <code className="text-sm break-all">{data.path}</code>
          </Fact>
          <Fact name={said.size}>{formatBytes(data.size_bytes)}</Fact>
          <Fact name={said.free}>{formatBytes(data.free_bytes)}</Fact>
          <Fact name={said.wal}>{formatBytes(data.wal_bytes)}</Fact>
          <Fact name={said.schema}>{data.schema_version}</Fact>
          <Fact name={said.sqlite}>{data.sqlite_version}</Fact>
          <Fact name={said.writes}>{formatNumber(data.writes)}</Fact>
          <Fact name={said.failed}>{formatNumber(data.failed_writes)}</Fact>
          <Fact name={said.commits}>{formatNumber(data.commits)}</Fact>
          <Fact name={said.queue}>{formatNumber(data.queue_depth)}</Fact>
          <Fact name={said.reader}>
            {typeof data.oldest_reader_ms === 'number'
              ? formatDuration(data.oldest_reader_ms)
              : said.none}
          </Fact>
          <Fact name={said.average}>{formatDuration(data.commit_average_ms)}</Fact>
          <Fact name={said.longest}>{formatDuration(data.commit_max_ms)}</Fact>
        </dl>
      )}
    </Section>
  );
}

const DAY_SECONDS = 86_400;

function CertificateSection() {
  const said = words().operations.certificate;
  const { data, error, refetch } = useQuery(certificateQuery);
  const seconds = data?.valid_seconds;
  return (
    <Section title={said.title}>
      {error ? (
        <ErrorNotice error={error} onRetry={refetch} />
      ) : !data ? (
        <Loading what={said.the_certificate}>
          <Bone className="h-16" />
        </Loading>
      ) : !data.at ? (
        <p className="text-ink-soft">{said.no_https}</p>
      ) : (
        <>
          {typeof seconds === 'number' && (
            <p className={`text-xl font-bold ${seconds < 0 ? 'text-danger' : ''}`}>
              {seconds < 0 ? said.expired : counted(said.days, Math.floor(seconds / DAY_SECONDS))}
            </p>
          )}
          {data.says && (
            <p lang="en" className="break-words">
              {data.says}
            </p>
          )}
          {data.problems.map(problem => (
            <p key={problem} lang="en" className="break-words text-danger">
              {problem}
            </p>
          ))}
          <p className="mt-2 text-sm break-all text-ink-faint">
            {fill(said.asked, { at: data.at })}
          </p>
        </>
      )}
    </Section>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex flex-wrap justify-between gap-x-4">
      <dt className="text-ink-soft">{name}</dt>
      <dd className="min-w-0 text-right font-medium tabular-nums">{children}</dd>
    </div>
  );
}
