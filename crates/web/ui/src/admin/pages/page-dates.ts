/** For a field of the kind `datetime-local`: the moment as the clock on the wall shows it. */
export function toLocalField(iso: string | null | undefined): string {
  if (!iso) return '';
  const at = new Date(iso);
  const minutes = at.getTime() - at.getTimezoneOffset() * 60_000;
  return new Date(minutes).toISOString().slice(0, 16);
}

/**
 * The moment that such a field means; none where it is empty. Where it shows what it began with, that moment: the field
 * has no seconds, and in the night in which clocks go back it shows two moments alike.
 */
export function fromLocalField(typed: string, before: string | null = null): string | null {
  if (typed === toLocalField(before)) return before;
  return typed === '' ? null : new Date(typed).toISOString().replace('.000Z', 'Z');
}
