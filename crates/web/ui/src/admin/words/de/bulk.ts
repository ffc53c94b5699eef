import type { AdminWords } from '../words';

export const bulk: AdminWords['bulk'] = {
  choose_none: 'Keine wählen',
  tag: 'Schlagwort',
  delete: 'Löschen',
  new_tag: 'Neues Schlagwort',
  add_tag: 'Schlagwort hinzufügen',
  bad_tag: 'Ein Schlagwort hat 1 bis 50 Zeichen, ohne Komma.',
  take_away: 'Wegnehmen',
  take_away_tag: 'Schlagwort {tag} wegnehmen',
};
