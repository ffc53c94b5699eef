import type { LeadState } from '../../api/types';

export const LEAD_TONES: Record<LeadState, string> = {
  unconfirmed: 'bg-sunken text-ink-soft',
  new: 'bg-warn-soft text-warn',
  'in-work': 'bg-accent-soft text-accent-strong',
  done: 'bg-good-soft text-good',
};
