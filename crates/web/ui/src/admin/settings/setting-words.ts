/** A part of the settings, as people read it: everything whose name begins with `prefix`. */
export type SettingGroup = { prefix: string; title: string; about: string };

export const SETTING_GROUPS: SettingGroup[] = [
  { prefix: 'site.', title: 'Site', about: 'Who the site is, on every page and in searches.' },
  { prefix: 'mail.', title: 'Mail', about: 'How letters leave: to visitors and to the team.' },
  { prefix: 'media.', title: 'Media', about: 'What may be uploaded.' },
  { prefix: 'auth.', title: 'Signing in', about: 'What keeps strangers from guessing passwords.' },
  {
    prefix: 'social.mastodon.',
    title: 'Mastodon',
    about: 'Used once it has an address and a token.',
  },
  {
    prefix: 'social.linkedin.',
    title: 'LinkedIn',
    about: 'Used once it has a token and an author.',
  },
  { prefix: 'social.x.', title: 'X', about: 'Used once it has a token.' },
];

/** For settings that a newer server has and this page does not know: under their own names. */
export const OTHER_SETTINGS: SettingGroup = { prefix: '', title: 'More', about: '' };

type Words = { label: string; hint?: string };

const TOKEN = { label: 'Access token' };
const TOKEN_EXPIRES = { label: 'Token ends on', hint: 'You are warned before.' };
const POSTS_PER_DAY = { label: 'Posts within 24 hours', hint: 'More wait.' };

const WORDS: Record<string, Words> = {
  'site.title': { label: 'Name' },
  'site.description': { label: 'Description', hint: 'One sentence, also for search engines.' },
  'site.language': { label: 'Language of the pages', hint: 'Such as en or de-CH.' },
  'site.logo': {
    label: 'Logo',
    hint: 'The path of a file of this site, such as /media/3f…/logo.svg.',
  },
  'site.contact': { label: 'Address that visitors may write to' },
  'site.notice': { label: 'Notice above each page', hint: 'Such as when the site will be away.' },
  'mail.smtp_host': {
    label: 'Mail server',
    hint: 'Such as smtp.example.com. Without one, letters wait in the outbox.',
  },
  'mail.smtp_tls': {
    label: 'Encryption',
    hint: 'starttls before anything is told, tls from the first byte, none only on the same machine.',
  },
  'mail.smtp_port': { label: 'Port', hint: '0 takes the usual one.' },
  'mail.smtp_user': { label: 'Sign in as' },
  'mail.smtp_password': { label: 'Password' },
  'mail.from': { label: 'Letters come from' },
  'mail.name': { label: 'Name beside the address', hint: 'Empty takes the name of the site.' },
  'mail.attempts': { label: 'Attempts before a letter is given up' },
  'mail.kept_days': { label: 'Days for which sent letters are kept' },
  'media.upload_limit_bytes': { label: 'Largest file, in bytes' },
  'auth.login_attempts_per_minute': {
    label: 'Attempts per minute',
    hint: 'For one account from one address.',
  },
  'social.mastodon.url': { label: 'Instance', hint: 'Such as https://mastodon.social.' },
  'social.mastodon.token': TOKEN,
  'social.mastodon.token_expires': TOKEN_EXPIRES,
  'social.mastodon.posts_per_day': POSTS_PER_DAY,
  'social.mastodon.characters': { label: 'Characters of a post' },
  'social.mastodon.visibility': { label: 'Who sees the posts' },
  'social.linkedin.url': { label: 'Address of the API', hint: 'Empty takes the usual one.' },
  'social.linkedin.token': TOKEN,
  'social.linkedin.token_expires': { ...TOKEN_EXPIRES, hint: 'LinkedIn’s end after 60 days.' },
  'social.linkedin.posts_per_day': POSTS_PER_DAY,
  'social.linkedin.author': { label: 'Author', hint: 'urn:li:organization:… or urn:li:person:…' },
  'social.linkedin.version': { label: 'Version of the API', hint: 'LinkedIn retires each.' },
  'social.x.url': { label: 'Address of the API', hint: 'Empty takes the usual one.' },
  'social.x.token': TOKEN,
  'social.x.token_expires': TOKEN_EXPIRES,
  'social.x.posts_per_day': POSTS_PER_DAY,
};

export const wordsOf = (name: string): Words => WORDS[name] ?? { label: name };

export function groupOf(name: string): SettingGroup {
  return SETTING_GROUPS.find(group => name.startsWith(group.prefix)) ?? OTHER_SETTINGS;
}
