/** Of what is done to many things of a list together. */
export const bulk = {
  choose_none: 'Choose none',
  tag: 'Tag',
  delete: 'Delete',
  new_tag: 'New tag',
  add_tag: 'Add the tag',
  bad_tag: 'A tag has 1 to 50 characters, without a comma.',
  take_away: 'Take away',
  take_away_tag: 'Take away the tag {tag}',
};
