import type { AdminWords } from '../words';

export const copying: AdminWords['copying'] = {
  copy: 'Kopieren',
  copied: 'Kopiert.',
  not_copied: 'Der Browser hat es nicht erlaubt. Wählen Sie den Text aus, und kopieren Sie ihn.',
};
