import {
  CircleAlert,
  CircleCheck,
  CircleHelp,
  type LucideIcon,
  TriangleAlert,
  Wrench,
} from 'lucide-react';
import { words } from '../words/words';

/** What the server says of a check, a node or the whole. */
export type Status = 'pass' | 'warn' | 'fail' | 'unknown' | 'maintenance';

const LOOKS: Record<Status, { icon: LucideIcon; text: string; soft: string }> = {
  pass: { icon: CircleCheck, text: 'text-good', soft: 'bg-good-soft text-good' },
  warn: { icon: TriangleAlert, text: 'text-warn', soft: 'bg-warn-soft text-warn' },
  fail: { icon: CircleAlert, text: 'text-danger', soft: 'bg-danger-soft text-danger' },
  unknown: { icon: CircleHelp, text: 'text-ink-faint', soft: 'bg-sunken text-ink-soft' },
  maintenance: { icon: Wrench, text: 'text-ink-soft', soft: 'bg-sunken text-ink-soft' },
};

/** The worst first. */
const ORDER: Status[] = ['fail', 'warn', 'unknown', 'maintenance', 'pass'];

/** A word of a newer server counts as not known. */
export const statusOf = (word: string): Status => ORDER.find(one => one === word) ?? 'unknown';

export const isTroubled = (word: string): boolean => ['fail', 'warn'].includes(statusOf(word));

export const byStatus = (one: { status: string }, other: { status: string }): number =>
  ORDER.indexOf(statusOf(one.status)) - ORDER.indexOf(statusOf(other.status));

export function StatusIcon({ word, className = 'size-5' }: { word: string; className?: string }) {
  const status = statusOf(word);
  const { icon: Icon, text } = LOOKS[status];
  return (
    <>
      <Icon aria-hidden className={`shrink-0 ${text} ${className}`} />
      <span className="sr-only">{words().operations.status[status]}: </span>
    </>
  );
}

export const softTone = (word: string): string => LOOKS[statusOf(word)].soft;
