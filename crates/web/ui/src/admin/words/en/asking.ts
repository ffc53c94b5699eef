/** Of what is asked before something is done that cannot be taken back. */
export const asking = {
  cancel: 'Cancel',
};
