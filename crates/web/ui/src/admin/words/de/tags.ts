import type { AdminWords } from '../words';

export const tags: AdminWords['tags'] = {
  title: 'Schlagwörter',
  the_tags: 'die Schlagwörter',
  search: 'Schlagwörter durchsuchen',
  nothing: 'Noch keine Schlagwörter',
  nothing_text: 'Geben Sie Seiten unter Details Schlagwörter, und sie werden hier gesammelt.',
  nothing_matches: 'Kein Schlagwort passt',
  nothing_matches_text: 'Versuchen Sie es mit weniger Buchstaben.',
  pages: {
    one: '{count} Seite',
    other: '{count} Seiten',
  },
  published: '{count} veröffentlicht',
  rename: 'Umbenennen',
  rename_one: '{tag} umbenennen',
  rename_title: '„{tag}“ umbenennen',
  new_name: 'Neuer Name',
  everywhere: 'Es ändert sich auf allen Seiten und Entwürfen zugleich.',
  merges:
    'Es gibt schon ein Schlagwort „{tag}“. Beide werden eines, und das lässt sich nicht zurücknehmen.',
  merge: 'Zusammenlegen',
  saving: 'Wird gespeichert…',
  renamed: '„{old}“ heißt jetzt „{tag}“.',
  merged: '„{old}“ und „{tag}“ sind jetzt eines.',
  delete: 'Löschen',
  delete_one: '{tag} löschen',
  delete_title: '„{tag}“ wegnehmen?',
  delete_text: {
    one: 'Es verschwindet von {count} Seite, und das lässt sich nicht zurücknehmen. Die Seite bleibt.',
    other:
      'Es verschwindet von {count} Seiten, und das lässt sich nicht zurücknehmen. Die Seiten bleiben.',
  },
  deleted: '„{tag}“ ist weggenommen.',
};
