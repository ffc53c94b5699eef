import { words } from '../words/words';

/** The parts of the settings, by what the names in them begin with; the last takes what a newer server has. */
export const SETTING_GROUPS = [
  'site.',
  'mail.',
  'media.',
  'auth.',
  'social.mastodon.',
  'social.linkedin.',
  'social.x.',
  '',
] as const;

export type SettingGroup = (typeof SETTING_GROUPS)[number];

export const groupOf = (name: string): SettingGroup =>
  SETTING_GROUPS.find(prefix => name.startsWith(prefix)) ?? '';

export function wordsOfGroup(group: SettingGroup): { title: string; about?: string } {
  const { groups, more } = words().settings;
  return group === '' ? { title: more } : groups[group];
}

/** What people read of a setting. One that this page does not know has its own name. */
export function wordsOf(name: string): { label: string; hint: string | undefined } {
  const { labels, hints } = words().settings;
  const named: Record<string, string> = labels;
  const explained: Record<string, string> = hints;
  return { label: named[name] ?? name, hint: explained[name] };
}
