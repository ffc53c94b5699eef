import type { AdminWords } from '../words';

export const leaving: AdminWords['leaving'] = {
  title: 'Ohne Speichern verlassen?',
  text: 'Was Sie seit dem letzten Speichern geändert haben, geht verloren.',
  stay: 'Hier bleiben',
  leave: 'Verlassen',
};
