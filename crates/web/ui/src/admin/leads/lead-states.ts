import type { LeadState } from '../../api/types';

export const LEAD_STATES: Record<LeadState, { word: string; tone: string }> = {
  unconfirmed: { word: 'Not confirmed', tone: 'bg-sunken text-ink-soft' },
  new: { word: 'New', tone: 'bg-warn-soft text-warn' },
  'in-work': { word: 'In work', tone: 'bg-accent-soft text-accent-strong' },
  done: { word: 'Done', tone: 'bg-good-soft text-good' },
};
