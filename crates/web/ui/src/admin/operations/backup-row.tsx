import { Download, EllipsisVertical, ListRestart } from 'lucide-react';
import type { Backup } from '../../api/types';
import { fill } from '../../i18n/language';
import { Button } from '../../ui/button';
import {
  formatAgo,
  formatBytes,
  formatDateTime,
  formatDuration,
  formatNumber,
} from '../../ui/format';
import { Menu, MenuItem } from '../../ui/menu';
import { words } from '../words/words';

/** A backup and its proof, which is the worth of it. */
export function BackupRow({ backup, onPlan }: { backup: Backup; onPlan: () => void }) {
  const said = words().operations.backups;
  const time = formatDateTime(backup.created_at);
  const reasons: Record<string, string> = said.reasons;
  const notes = [
    reasons[backup.reason] ?? backup.reason,
    formatBytes(backup.size_bytes),
    fill(said.contents, {
      rows: formatNumber(backup.rows),
      files: formatNumber(backup.media_files),
    }),
    backup.partial && said.partial,
    backup.pinned && said.pinned,
    backup.encrypted && said.encrypted,
    backup.copies.length > 0 &&
      fill(said.copies, { targets: backup.copies.map(({ target }) => target).join(', ') }),
  ].filter(Boolean);
  return (
    <li className="flex items-center gap-4 px-4 py-3.5 md:px-5">
      <div className="min-w-0 flex-1">
        <p className="font-medium">
          <time dateTime={backup.created_at}>{time}</time>
        </p>
        <p className="text-sm break-words text-ink-faint">{notes.join(', ')}</p>
        <Proof backup={backup} />
      </div>
      <Menu
        label={fill(said.actions, { time })}
        onAction={key => {
          if (key === 'plan') onPlan();
        }}
        trigger={
          <Button tone="quiet" size="icon" aria-label={fill(said.actions, { time })}>
            <EllipsisVertical aria-hidden />
          </Button>
        }
      >
        <MenuItem
          id="download"
          icon={<Download aria-hidden />}
          href={`/api/v1/admin/operations/backups/${backup.id}/archive`}
          download
        >
          {said.download}
        </MenuItem>
        <MenuItem id="plan" icon={<ListRestart aria-hidden />}>
          {said.plan}
        </MenuItem>
      </Menu>
    </li>
  );
}

const TONES = { proven: 'text-good', failed: 'text-danger', inconclusive: 'text-warn' };

function Proof({ backup: { proof } }: { backup: Backup }) {
  const said = words().operations.backups;
  if (!proof) return <p className="text-sm text-ink-soft">{said.unproven}</p>;
  const outcome =
    (['proven', 'failed'] as const).find(one => one === proof.outcome) ?? 'inconclusive';
  return (
    <p className={`text-sm font-medium break-words ${TONES[outcome]}`}>
      {fill(said.proof, {
        outcome: said[outcome],
        ago: formatAgo(proof.at),
        duration: formatDuration(proof.duration_ms),
      })}
      {proof.problem && (
        <span lang="en" className="block font-normal">
          {proof.problem}
        </span>
      )}
    </p>
  );
}
