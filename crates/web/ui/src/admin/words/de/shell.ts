import type { AdminWords } from '../words';

export const shell: AdminWords['shell'] = {
  admin: 'Verwaltung',
  places: {
    overview: 'Übersicht',
    pages: 'Seiten',
    tags: 'Schlagwörter',
    menus: 'Menüs',
    media: 'Medien',
    leads: 'Anfragen',
    forms: 'Formulare',
    posts: 'Beiträge',
    outbox: 'Postausgang',
    team: 'Team',
    settings: 'Einstellungen',
    operations: 'Betrieb',
    audit: 'Protokoll',
  },
  view_site: 'Website ansehen',
  other_language: 'In English',
  account: 'Konto',
};
