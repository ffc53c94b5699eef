/** For a field of the kind `datetime-local`: the moment as the clock on the wall shows it. */
export function toLocalField(iso: string | null | undefined): string {
  if (!iso) return '';
  const at = new Date(iso);
  const minutes = at.getTime() - at.getTimezoneOffset() * 60_000;
  return new Date(minutes).toISOString().slice(0, 16);
}

/** The moment that such a field means; none where it is empty. */
export function fromLocalField(typed: string): string | null {
  return typed === '' ? null : new Date(typed).toISOString().replace('.000Z', 'Z');
}
