import type { AdminWords } from '../words';

export const overview: AdminWords['overview'] = {
  title: 'Übersicht',
  the_overview: 'die Übersicht',
  add_media: 'Medien hochladen',
  write: 'Seite schreiben',
  published: 'Veröffentlicht',
  published_note: {
    one: 'Seite',
    other: 'Seiten',
  },
  drafts: 'Entwürfe',
  drafts_note: 'für Besucher nicht zu sehen',
  media: 'Medien',
  database: 'Datenbank',
  one_file: 'in einer Datei',
  recent: 'Zuletzt bearbeitet',
  all_pages: {
    one: 'Alle {count} Seite',
    other: 'Alle {count} Seiten',
  },
  by: '{ago} von {author}',
  first: {
    title: 'Ihre Website ist bereit für ihre erste Seite',
    write: 'Schreiben',
    write_text:
      'Schreiben Sie eine Seite in Markdown. Die Vorschau daneben zeigt, was Besucher sehen werden.',
    publish: 'Veröffentlichen',
    publish_text:
      'Ein Entwurf bleibt bei Ihnen, bis Sie ihn veröffentlichen. Dann hat er eine eigene Adresse.',
    welcome: 'Begrüßen',
    welcome_text:
      'Geben Sie einer Seite die Adresse „home“, und sie begrüßt Besucher am Anfang der Website.',
    button: 'Die erste Seite schreiben',
  },
};
