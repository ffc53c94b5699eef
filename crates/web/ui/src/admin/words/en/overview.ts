export const overview = {
  title: 'Overview',
  the_overview: 'the overview',
  add_media: 'Add media',
  write: 'Write a page',
  published: 'Published',
  published_note: {
    one: 'page',
    other: 'pages',
  },
  drafts: 'Drafts',
  drafts_note: 'not visible to visitors',
  media: 'Media',
  database: 'Database',
  one_file: 'in one file',
  recent: 'Recently edited',
  all_pages: {
    one: 'All {count} page',
    other: 'All {count} pages',
  },
  by: '{ago} by {author}',
  first: {
    title: 'Your site is ready for its first page',
    write: 'Write',
    write_text: 'Write a page in Markdown. The preview beside it shows what visitors will see.',
    publish: 'Publish',
    publish_text: 'A draft stays yours until you publish it. Then it has its own address.',
    welcome: 'Welcome',
    welcome_text:
      'Give a page the address “home”, and it greets visitors on the front of the site.',
    button: 'Write the first page',
  },
};
