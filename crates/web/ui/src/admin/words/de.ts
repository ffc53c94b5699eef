import type { AdminWords } from './words';

export const de: AdminWords = {
  overview: 'Übersicht',
  pages: 'Seiten',
  media: 'Medien',
  leads: 'Anfragen',
  outbox: 'Postausgang',
  team: 'Team',
  settings: 'Einstellungen',
  audit: 'Protokoll',
  view_site: 'Website ansehen',
  other_language: 'In English',
};
