import { useQuery } from '@tanstack/react-query';
import { Archive } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { BackupList } from '../../api/types';
import { counted, fill } from '../../i18n/language';
import { Button } from '../../ui/button';
import { formatAgo, formatBytes, formatDateTime } from '../../ui/format';
import { ErrorNotice, Notice } from '../../ui/notice';
import { Bone, Loading } from '../../ui/skeleton';
import { words } from '../words/words';
import { BackupRow } from './backup-row';
import { backupsQuery } from './queries';
import { RestoreDialog } from './restore-dialog';
import { SiteExport } from './site-export';
import { useStartBackup } from './use-start-backup';

/** What there is to fall back on, and what is proven of it; beside it the site to take along. */
export function BackupsPart() {
  const said = words().operations.backups;
  const { data, error, refetch } = useQuery(backupsQuery);
  return (
    <>
      {data ? (
        <Inside list={data} />
      ) : error ? (
        <ErrorNotice error={error} onRetry={refetch} />
      ) : (
        <Loading what={said.the_backups}>
          <Bone className="h-28 rounded-xl" />
          <Bone className="mt-6 h-64 rounded-xl" />
        </Loading>
      )}
      <SiteExport />
    </>
  );
}

function Inside({ list }: { list: BackupList }) {
  const said = words().operations.backups;
  const [planned, setPlanned] = useState<string | null>(null);
  const { start, isStarting } = useStartBackup();
  const { daemon, newest_proven_at: newest } = list;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-6">
      <div className="grid gap-3 sm:grid-cols-2 lg:gap-4">
        <Fact
          name={said.newest}
          value={newest ? formatAgo(newest) : said.none_proven}
          note={newest ? said.proven_text : said.none_proven_text}
          isBad={!newest}
        />
        <Fact
          name={said.next}
          value={
            daemon.next_run_at
              ? formatDateTime(daemon.next_run_at)
              : daemon.answers
                ? said.not_known
                : said.no_daemon
          }
          note={
            daemon.problem ? (
              <span lang="en">{daemon.problem}</span>
            ) : (
              fill(said.schedule, { schedule: list.schedule })
            )
          }
          isBad={!daemon.answers}
        />
      </div>
      {daemon.running ? (
        <Progress running={daemon.running} />
      ) : (
        <div className="flex flex-wrap items-center justify-between gap-3">
          <p className="text-ink-soft">
            {counted(said.count, list.backups.length)}, {said.folder}{' '}
            <code className="text-sm break-all">{list.folder}</code>
          </p>
          <Button tone="primary" isDisabled={isStarting} onPress={start}>
            <Archive aria-hidden /> {isStarting ? said.starting : said.start}
          </Button>
        </div>
      )}
      {list.backups.length === 0 ? (
        <div className="rounded-xl border border-dashed border-line-strong px-6 py-14 text-center">
          <p className="font-semibold">{said.nothing}</p>
          <p className="mt-1 text-ink-soft">{said.nothing_text}</p>
        </div>
      ) : (
        <ul
          aria-label={words().operations.parts.backups}
          className="divide-y divide-line rounded-xl border border-line bg-surface shadow-card"
        >
          {list.backups.map(backup => (
            <BackupRow key={backup.id} backup={backup} onPlan={() => setPlanned(backup.id)} />
          ))}
        </ul>
      )}
      <RestoreDialog
        backup={list.backups.find(({ id }) => id === planned) ?? null}
        onClose={() => setPlanned(null)}
      />
    </div>
  );
}

type FactProps = { name: string; value: string; note: ReactNode; isBad: boolean };

function Fact({ name, value, note, isBad }: FactProps) {
  return (
    <div className="rounded-xl border border-line bg-surface px-5 py-4 shadow-card">
      <p className="text-sm font-medium text-ink-soft">{name}</p>
      <p className={`mt-1 text-xl font-bold ${isBad ? 'text-danger' : ''}`}>{value}</p>
      <p className="mt-0.5 text-sm break-words text-ink-faint">{note}</p>
    </div>
  );
}

function Progress({ running }: { running: NonNullable<BackupList['daemon']['running']> }) {
  const said = words().operations.backups;
  const { step, done_bytes, total_bytes, stuck } = running;
  const isKnown = total_bytes > 0;
  return (
    <div role="status" className="rounded-xl border border-line bg-surface px-5 py-4 shadow-card">
      <p className="flex flex-wrap justify-between gap-x-4">
        <span className="font-semibold">{said.running}</span>
        <span className="text-sm text-ink-soft tabular-nums">
          <span lang="en">{step}</span>
          {isKnown &&
            `, ${fill(said.of_bytes, { done: formatBytes(done_bytes), total: formatBytes(total_bytes) })}`}
        </span>
      </p>
      <div aria-hidden className="mt-3 h-1.5 overflow-hidden rounded-full bg-sunken">
        <div
          className={`h-full rounded-full bg-accent transition-[width] ${isKnown ? '' : 'w-1/3 animate-pulse-calm'}`}
          style={isKnown ? { width: `${(done_bytes / total_bytes) * 100}%` } : undefined}
        />
      </div>
      {stuck && (
        <div className="mt-3">
          <Notice title={said.stuck} />
        </div>
      )}
    </div>
  );
}
