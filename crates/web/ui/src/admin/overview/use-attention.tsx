import { useQuery } from '@tanstack/react-query';
import { Archive, FilePen, HeartPulse, Inbox, type LucideIcon, MailX } from 'lucide-react';
import type { ReactNode } from 'react';
import type { BackupList, HealthTree, Overview } from '../../api/types';
import { type Counted, counted, fill } from '../../i18n/language';
import { formatAgo } from '../../ui/format';
import { isTroubled } from '../operations/health-status';
import { nameOfCheck } from '../operations/names';
import { backupsQuery, healthQuery } from '../operations/queries';
import { useMay } from '../session/use-may';
import { words } from '../words/words';
import { COUNTED_MOST, deadCountQuery, newLeadsQuery } from './queries';

export type Item = { to: string; icon: LucideIcon; tone: Tone; text: ReactNode };

type Tone = 'danger' | 'warn' | 'quiet' | 'good';

/** A proven backup that is older than this is too old: one is made each day. */
const OLD_MS = 48 * 3_600_000;

/**
 * What somebody should look at, the most urgent first; what is good comes last. Null until everything was asked: a good
 * word that is taken back is none.
 */
export function useAttention(overview: Overview): Item[] | null {
  const said = words().attention;
  const mayReadLeads = useMay('editor');
  const isAdmin = useMay('admin');
  const dead = useQuery(deadCountQuery);
  const leads = useQuery({ ...newLeadsQuery, enabled: mayReadLeads });
  const health = useQuery({ ...healthQuery, enabled: isAdmin });
  const backups = useQuery({ ...backupsQuery, enabled: isAdmin });
  if ([dead, leads, health, backups].some(query => query.isLoading)) return null;
  const items = [
    health.data && ofChecks(health.data, backups.data !== undefined),
    backups.data && ofBackups(backups.data),
    dead.data && {
      to: '/admin/outbox?state=dead',
      icon: MailX,
      tone: 'danger' as const,
      text: atLeast(said.dead, dead.data),
    },
    leads.data && {
      to: '/admin/leads?state=new',
      icon: Inbox,
      tone: 'warn' as const,
      text: atLeast(said.leads, leads.data),
    },
    overview.pages.draft > 0 && {
      to: '/admin/pages?status=draft',
      icon: FilePen,
      tone: 'quiet' as const,
      text: counted(said.drafts, overview.pages.draft),
    },
  ];
  const order: Tone[] = ['danger', 'warn', 'quiet', 'good'];
  return items
    .filter(item => typeof item === 'object' && item !== null)
    .sort((one, other) => order.indexOf(one.tone) - order.indexOf(other.tone));
}

/** Without the backups where they have a line of their own. */
function ofChecks({ checks }: HealthTree, hasBackups: boolean): Item | null {
  const troubled = checks.filter(
    ({ id, status }) => isTroubled(status) && !(hasBackups && id === 'backup'),
  );
  if (troubled.length === 0) return null;
  const titles = troubled
    .map(check => fill(words().attention.quoted, { name: nameOfCheck(check) }))
    .join(', ');
  return {
    to: '/admin/operations',
    icon: HeartPulse,
    tone: troubled.some(({ status }) => status === 'fail') ? 'danger' : 'warn',
    text: counted(words().attention.checks, troubled.length, { titles }),
  };
}

function ofBackups({ newest_proven_at: newest }: BackupList): Item {
  const said = words().attention;
  const item = { to: '/admin/operations/backups', icon: Archive };
  if (!newest) return { ...item, tone: 'danger', text: said.no_backup };
  const isOld = Date.now() - new Date(newest).getTime() > OLD_MS;
  const text = fill(isOld ? said.old_backup : said.backup, { ago: formatAgo(newest) });
  return { ...item, tone: isOld ? 'danger' : 'good', text };
}

/** The server counts for us no further than one part of its list. */
function atLeast(text: Counted, count: number): string {
  if (count < COUNTED_MOST) return counted(text, count);
  const many = fill(words().attention.or_more, { count: COUNTED_MOST - 1 });
  return fill(text.other, { count: many });
}
