import type { AuditFilter } from '../queries';
import { usePlace } from '../use-place';

/** Which changes are listed: by whom, of what, and on which days by the clock of this device. */
export function useAuditPlace() {
  const place = usePlace();
  const { q, get } = place;
  const [actor, action, since, until] = [get('actor'), get('action'), get('since'), get('until')];
  const [from, before] = [beginOf(since), beginOf(until, 1)];
  const filter: AuditFilter = {
    ...(q && { q }),
    ...(actor && { actor }),
    ...(action && { action }),
    ...(from && { since: from }),
    ...(before && { until: before }),
  };
  return { ...place, filter, actor, action, since, until };
}

export type AuditPlace = ReturnType<typeof useAuditPlace>;

/** When a day begins, or the one that comes `later`; null where it is none. */
export function beginOf(day: string, later = 0): string | null {
  const begin = new Date(`${day}T00:00`);
  if (Number.isNaN(begin.getTime())) return null;
  // Not 24 hours: some days have 23 or 25.
  begin.setDate(begin.getDate() + later);
  return begin.toISOString();
}
