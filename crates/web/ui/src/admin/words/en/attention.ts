export const attention = {
  title: 'What needs you',
  nothing: 'Nothing needs you',
  nothing_text: 'No letter failed, and nothing new has come.',
  dead: {
    one: '{count} letter or post was given up',
    other: '{count} letters or posts were given up',
  },
  leads: {
    one: '{count} new lead',
    other: '{count} new leads',
  },
  drafts: {
    one: '{count} draft waits',
    other: '{count} drafts wait',
  },
  or_more: '{count} or more',
  checks: {
    one: '{count} check fails: {titles}',
    other: '{count} checks fail: {titles}',
  },
  quoted: '“{name}”',
  no_backup: 'There is no proven backup',
  old_backup: 'The newest proven backup is from {ago}',
  backup: 'Newest proven backup: {ago}',
};
