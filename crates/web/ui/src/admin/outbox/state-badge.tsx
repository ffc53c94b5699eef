import type { OutboxState } from '../../api/types';
import { words } from '../words/words';

const TONES: Record<OutboxState, string> = {
  queued: 'bg-warn-soft text-warn',
  leased: 'bg-warn-soft text-warn',
  sent: 'bg-good-soft text-good',
  dead: 'bg-danger-soft text-danger',
  cancelled: 'bg-sunken text-ink-soft',
};

export function StateBadge({ state }: { state: OutboxState }) {
  return (
    <span
      className={`inline-flex items-center gap-1.5 rounded-full px-2.5 py-0.5 text-xs font-semibold whitespace-nowrap ${TONES[state]}`}
    >
      <span aria-hidden="true" className="size-1.5 rounded-full bg-current" />
      {words().outbox.states[state]}
    </span>
  );
}
