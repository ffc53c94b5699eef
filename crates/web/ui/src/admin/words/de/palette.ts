import type { AdminWords } from '../words';

export const palette: AdminWords['palette'] = {
  title: 'Befehlspalette',
  open: 'Suchen oder öffnen…',
  field: 'Was möchten Sie tun?',
  results: 'Befehle',
  nothing: 'Nichts passt zu „{q}“',
  nothing_text: 'Versuchen Sie es mit weniger Buchstaben.',
  looking: 'Sucht…',
  groups: {
    actions: 'Aktionen',
    places: 'Gehe zu',
    pages: 'Seiten',
    media: 'Medien',
    leads: 'Anfragen',
  },
  how: '↑ ↓ zum Wählen, Enter zum Öffnen, Esc zum Schließen',
  trash: 'Papierkorb',
  account: 'Ihr Konto',
  write: 'Seite schreiben',
  upload: 'Dateien hochladen',
  back_up: 'Jetzt sichern',
  invite: 'Jemanden einladen',
  theme: {
    system: 'Darstellung wie das System',
    light: 'Helle Darstellung',
    dark: 'Dunkle Darstellung',
  },
  sign_out: 'Abmelden',
  not_signed_out: 'Abmelden ging nicht. {why}',
  shortcuts: 'Tastenkürzel',
  shortcuts_of: {
    everywhere: 'Überall',
    editor: 'Im Editor',
    palette: 'Befehlspalette öffnen',
    shortcuts: 'Diese Tastenkürzel zeigen',
    go: 'Gehe zu',
    save: 'Jetzt speichern',
    bold: 'Fett',
    italic: 'Kursiv',
    link: 'Link',
    close: 'Schließen, was offen ist',
  },
  single_keys: {
    label: 'Tasten ohne Strg sind Kürzel, etwa G und dann P',
    about:
      'Schalten Sie sie aus, wenn Sie diktieren oder leicht daneben tippen. Das gilt für Sie in diesem Browser.',
  },
  found: {
    one: '{count} Treffer',
    other: '{count} Treffer',
  },
};
