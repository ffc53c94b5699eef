import type { AdminWords } from '../words';

export const features: AdminWords['features'] = {
  title: 'Etwas geht im Augenblick nicht',
  unavailable: '{feature}: nicht möglich',
  degraded: '{feature}: zum Teil',
  still: '{feature}: zum Teil ({works})',
  names: {
    pages: 'Seiten lesen',
    media: 'Bilder und Dateien sehen',
    login: 'Anmelden',
    editing: 'Seiten schreiben',
    'media-upload': 'Dateien hochladen',
    mail: 'E-Mail',
  },
};
