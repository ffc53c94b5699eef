export const copying = {
  copy: 'Copy',
  copied: 'Copied.',
  not_copied: 'The browser did not allow it. Select the text and copy it.',
};
