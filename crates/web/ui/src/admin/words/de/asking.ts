import type { AdminWords } from '../words';

export const asking: AdminWords['asking'] = {
  cancel: 'Abbrechen',
};
