export const audit = {
  title: 'Audit log',
  the_log: 'the audit log',
  export: 'Export as a table',
  search: 'Search people and things',
  nothing_matches: 'No change matches.',
  nothing: 'No changes yet.',
  changes: 'Changes',
  what_changed: 'What changed',
  none: '(nothing)',
  from_address: '{via} from {address}',
};
