import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Backup, RestorePlan } from '../../api/types';
import { counted, fill } from '../../i18n/language';
import { Choice } from '../../ui/choice';
import { Dialog } from '../../ui/dialog';
import { formatDateTime, formatNumber } from '../../ui/format';
import { ErrorNotice, Notice } from '../../ui/notice';
import { Bone, Loading } from '../../ui/skeleton';
import { Copyable } from '../copyable';
import { words } from '../words/words';
import { restoreQuery } from './queries';

/** What a restore would do, and the exact commands. Nothing is done from here. */
export function RestoreDialog({ backup, onClose }: { backup: Backup | null; onClose: () => void }) {
  const said = words().operations.plan;
  const { data, error, refetch } = useQuery(restoreQuery(backup?.id ?? null));
  return (
    <Dialog
      wide
      title={fill(said.title, { time: backup ? formatDateTime(backup.created_at) : '' })}
      isOpen={backup !== null}
      onClose={onClose}
    >
      {error ? (
        <ErrorNotice error={error} onRetry={refetch} />
      ) : data ? (
        <Plan plan={data} />
      ) : (
        <Loading what={said.the_plan}>
          <Bone className="h-40" />
        </Loading>
      )}
    </Dialog>
  );
}

function Plan({ plan }: { plan: RestorePlan }) {
  const said = words().operations.plan;
  const ways: Record<string, string> = said.ways;
  const [name, setName] = useState(plan.ways[0]?.name ?? '');
  const way = plan.ways.find(one => one.name === name);
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
      {!plan.has_room && <Notice title={said.no_room} />}
      <div>
        <p className="mb-3">{said.nothing_yet}</p>
        <Choice
          label={said.way}
          className="mb-3"
          options={plan.ways.map(one => ({ value: one.name, label: ways[one.name] ?? one.name }))}
          value={name}
          onChange={setName}
        />
        <div className="grid gap-1.5">
          {way?.commands.map(command => (
            <Copyable key={command} text={command} />
          ))}
        </div>
      </div>
      <section>
        <h3 className="mb-1 font-semibold text-ink">{said.changes}</h3>
        {plan.media_lost > 0 && <p>{counted(said.media_lost, plan.media_lost)}</p>}
        {plan.tables.length === 0 ? (
          <p>{said.no_changes}</p>
        ) : (
          <table className="mt-2 w-full text-left tabular-nums">
            <thead>
              <tr className="text-sm text-ink-faint">
                <th scope="col" className="py-1 pr-4 font-medium">
                  {said.table}
                </th>
                <th scope="col" className="py-1 pr-4 font-medium">
                  {said.rows_now}
                </th>
                <th scope="col" className="py-1 font-medium">
                  {said.rows_then}
                </th>
              </tr>
            </thead>
            <tbody>
              {plan.tables.map(table => (
                <tr key={table.name} className="border-t border-line">
                  <th scope="row" className="py-1 pr-4 font-normal break-all">
                    {table.name}
                  </th>
                  <td className="py-1 pr-4">{rows(table.rows_now)}</td>
                  <td className="py-1">{rows(table.rows_then)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </section>
      <details>
        <summary className="cursor-pointer">{said.whole}</summary>
        <section
          aria-label={said.whole}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, with the keyboard as well
          tabIndex={0}
          className="mt-2 max-h-80 overflow-auto rounded-lg bg-sunken p-3 text-sm"
        >
          <pre lang="en">{plan.text}</pre>
        </section>
      </details>
    </div>
  );
}

const rows = (count: number | null | undefined): string =>
  typeof count === 'number' ? formatNumber(count) : words().operations.plan.not_there;
