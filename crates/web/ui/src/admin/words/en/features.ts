export const features = {
  title: 'Something is not working at the moment',
  unavailable: '{feature}: not possible',
  degraded: '{feature}: partly',
  still: '{feature}: partly ({works})',
  names: {
    pages: 'Read pages',
    media: 'See pictures and files',
    login: 'Sign in',
    editing: 'Write pages',
    'media-upload': 'Bring files',
    mail: 'Mail',
  },
};
