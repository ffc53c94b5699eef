import type { AdminWords } from '../words';

export const attention: AdminWords['attention'] = {
  title: 'Was ansteht',
  nothing: 'Nichts steht an',
  nothing_text: 'Keine E-Mail ist gescheitert, und nichts Neues ist gekommen.',
  dead: {
    one: '{count} E-Mail oder Beitrag wurde aufgegeben',
    other: '{count} E-Mails oder Beiträge wurden aufgegeben',
  },
  leads: {
    one: '{count} neue Anfrage',
    other: '{count} neue Anfragen',
  },
  drafts: {
    one: '{count} Entwurf wartet',
    other: '{count} Entwürfe warten',
  },
  or_more: '{count} oder mehr',
  checks: {
    one: '{count} Prüfung schlägt an: {titles}',
    other: '{count} Prüfungen schlagen an: {titles}',
  },
  quoted: '„{name}“',
  no_backup: 'Es gibt kein bewiesenes Backup',
  old_backup: 'Das neueste bewiesene Backup ist von {ago}',
  backup: 'Neuestes bewiesenes Backup: {ago}',
};
