export const roles = {
  viewer: 'viewer',
  editor: 'editor',
  admin: 'admin',
};
