export const leaving = {
  title: 'Leave without saving?',
  text: 'What you changed since the last save will be lost.',
  stay: 'Stay here',
  leave: 'Leave',
};
