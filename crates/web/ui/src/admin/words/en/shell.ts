export const shell = {
  admin: 'Admin',
  places: {
    overview: 'Overview',
    pages: 'Pages',
    media: 'Media',
    leads: 'Leads',
    forms: 'Forms',
    posts: 'Posts',
    outbox: 'Outbox',
    team: 'Team',
    settings: 'Settings',
    operations: 'Operations',
    audit: 'Audit log',
  },
  view_site: 'View site',
  other_language: 'Auf Deutsch',
  account: 'Account',
};
