/** What the admin area says. `de.ts` has the same names, which the compiler sees to. */
export const en = {
  overview: 'Overview',
  pages: 'Pages',
  media: 'Media',
  leads: 'Leads',
  outbox: 'Outbox',
  team: 'Team',
  settings: 'Settings',
  audit: 'Audit log',
  view_site: 'View site',
  other_language: 'Auf Deutsch',
};
