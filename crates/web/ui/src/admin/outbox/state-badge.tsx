import type { OutboxState } from '../../api/types';

const LOOKS: Record<OutboxState, { word: string; tone: string }> = {
  queued: { word: 'Waiting', tone: 'bg-warn-soft text-warn' },
  leased: { word: 'Being sent', tone: 'bg-warn-soft text-warn' },
  sent: { word: 'Sent', tone: 'bg-good-soft text-good' },
  dead: { word: 'Given up', tone: 'bg-danger-soft text-danger' },
  cancelled: { word: 'Taken back', tone: 'bg-sunken text-ink-soft' },
};

export function StateBadge({ state }: { state: OutboxState }) {
  const { word, tone } = LOOKS[state];
  return (
    <span
      className={`inline-flex items-center gap-1.5 rounded-full px-2.5 py-0.5 text-xs font-semibold whitespace-nowrap ${tone}`}
    >
      <span aria-hidden="true" className="size-1.5 rounded-full bg-current" />
      {word}
    </span>
  );
}
