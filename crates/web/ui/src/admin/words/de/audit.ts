import type { AdminWords } from '../words';

export const audit: AdminWords['audit'] = {
  title: 'Protokoll',
  the_log: 'das Protokoll',
  export: 'Als Tabelle herunterladen',
  search: 'Nach Leuten und Dingen suchen',
  nothing_matches: 'Keine Änderung passt.',
  nothing: 'Noch keine Änderungen.',
  changes: 'Änderungen',
  what_changed: 'Was sich geändert hat',
  none: '(nichts)',
  from_address: '{via} von {address}',
};
