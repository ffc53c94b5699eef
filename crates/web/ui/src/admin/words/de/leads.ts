import type { AdminWords } from '../words';

export const leads: AdminWords['leads'] = {
  title: 'Anfragen',
  the_leads: 'die Anfragen',
  search: 'Antworten durchsuchen',
  show: 'Zeigen',
  all: 'Alle',
  states: {
    unconfirmed: 'Nicht bestätigt',
    new: 'Neu',
    'in-work': 'In Arbeit',
    done: 'Erledigt',
  },
  export: 'Als Tabelle herunterladen',
  form: 'Formular',
  all_forms: 'Alle Formulare',
  nothing_matches: 'Keine Anfrage passt',
  nothing_matches_text: 'Versuchen Sie es mit einem anderen Wort, oder zeigen Sie alle.',
  nothing: 'Noch keine Anfragen',
  nothing_text: 'Hier steht, was Besucher mit Formularen senden.',
  no_answer: 'Keine Antwort',
  saved: 'Die Anfrage ist gespeichert.',
  save: 'Speichern',
  saving: 'Wird gespeichert…',
  changed_meanwhile:
    'Schließen Sie dies und öffnen Sie die Anfrage noch einmal, um zu sehen, was sich geändert hat.',
  came: '{form}, {date}. Sie wird am {end} gelöscht.',
  state: 'Stand',
  note: 'Notiz für das Team',
};
