import type { OutboxEntry } from '../../api/types';
import { counted } from '../../i18n/language';
import { formatAgo, formatDateTime } from '../../ui/format';
import { words } from '../words/words';
import { CancelButton, canBeTakenBack } from './cancel-button';
import { RetryButton } from './retry-button';
import { StateBadge } from './state-badge';

const HEAD = 'px-5 py-3 text-left text-sm font-medium text-ink-faint';

type Props = { entries: OutboxEntry[]; onShow: (id: string) => void };

/** On a narrow screen state and time move under the address. */
export function OutboxTable({ entries, onShow }: Props) {
  const said = words().outbox;
  return (
    <div className="overflow-hidden rounded-xl border border-line bg-surface shadow-card">
      <table aria-label={said.letters} className="w-full">
        <thead className="border-b border-line max-md:sr-only">
          <tr>
            <th scope="col" className={HEAD}>
              {said.to}
            </th>
            <th scope="col" className={HEAD}>
              {said.state}
            </th>
            <th scope="col" className={HEAD}>
              {said.written}
            </th>
            <th scope="col" className={HEAD}>
              <span className="sr-only">{said.what_can_be_done}</span>
            </th>
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {entries.map(entry => (
            <Row key={entry.id} entry={entry} onShow={() => onShow(entry.id)} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ entry, onShow }: { entry: OutboxEntry; onShow: () => void }) {
  const said = words().outbox;
  const written = (
    <time dateTime={entry.created_at} title={formatDateTime(entry.created_at)}>
      {formatAgo(entry.created_at)}
    </time>
  );
  return (
    <tr className="relative hover:bg-sunken">
      <td className="w-full max-w-0 py-3.5 pl-4 md:pl-5">
        <button
          type="button"
          onClick={onShow}
          className="block w-full cursor-pointer truncate text-left font-medium after:absolute after:inset-0 after:content-['']"
        >
          {entry.target}
        </button>
        <p className="truncate text-sm text-ink-faint">
          {entry.kind !== 'mail' && `${said.kinds[entry.kind]}, `}
          {entry.template}
          {entry.attempts > 1 && `, ${counted(said.attempts, entry.attempts)}`}
          <span className="md:hidden">, {written}</span>
        </p>
        <p className="mt-1.5 md:hidden">
          <StateBadge state={entry.state} />
        </p>
        {entry.last_error && <p className="truncate text-sm text-danger">{entry.last_error}</p>}
      </td>
      <td className="px-5 max-md:hidden">
        <StateBadge state={entry.state} />
      </td>
      <td className="px-5 text-sm whitespace-nowrap text-ink-soft max-md:hidden">{written}</td>
      <td className="relative z-1 pr-4 pl-3">
        <div className="flex justify-end gap-2 py-2 max-md:flex-col">
          {entry.state === 'dead' && <RetryButton id={entry.id} />}
          {canBeTakenBack(entry) && <CancelButton entry={entry} />}
        </div>
      </td>
    </tr>
  );
}
