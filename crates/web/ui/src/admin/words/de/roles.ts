import type { AdminWords } from '../words';

export const roles: AdminWords['roles'] = {
  viewer: 'Leser',
  editor: 'Redakteur',
  admin: 'Administrator',
};
