import {
  Archive,
  FileText,
  Image,
  Inbox,
  Keyboard,
  Languages,
  LogOut,
  type LucideIcon,
  Mails,
  PenLine,
  Trash2,
  Upload,
  UserPlus,
  UserRound,
} from 'lucide-react';
import type { ComponentType } from 'react';
import type { Role } from '../../api/types';
import { THEME_ICONS } from '../../ui/icons';
import { chooseTheme, THEMES, type Theme } from '../../ui/theme';
import { may } from '../session/account';
import { PLACES } from '../shell/places';
import { type AdminWords, chooseLanguage, nextLanguage, words } from '../words/words';

export type Group = keyof AdminWords['palette']['groups'];

/** Something that the palette can do. */
export type Command = {
  id: string;
  group: Group;
  label: string;
  icon: LucideIcon | ComponentType<{ className?: string }>;
  /** Beside it, quietly: keys that do the same, or what it is. */
  hint?: string;
  /** Other words that find it. */
  also?: string;
} & ({ to: string } | { run: () => void });

type Deeds = {
  role: Role | undefined;
  theme: Theme;
  showShortcuts: () => void;
  signOut: () => void;
  backUp: () => void;
};

/** Everything that may be done from everywhere, by whoever has this role. */
export function commandsFor({ role, theme, showShortcuts, signOut, backUp }: Deeds): Command[] {
  const said = words().palette;
  const places: Command[] = PLACES.filter(place => may(role, place.least)).map(place => ({
    id: place.to,
    group: 'places',
    label: words().shell.places[place.label],
    icon: place.icon,
    hint: `G ${place.key.toUpperCase()}`,
    also: place.label,
    to: place.to,
  }));
  places.push(
    {
      id: 'trash',
      group: 'places',
      label: said.trash,
      icon: Trash2,
      also: 'trash',
      to: '/admin/trash',
    },
    {
      id: 'letters',
      group: 'places',
      label: words().outbox.samples.title,
      icon: Mails,
      also: 'letters mail templates',
      to: '/admin/letters',
    },
    {
      id: 'account',
      group: 'places',
      label: said.account,
      icon: UserRound,
      also: 'account',
      to: '/admin/account',
    },
  );
  const actions: Command[] = [];
  if (may(role, 'editor')) {
    actions.push(
      {
        id: 'write',
        group: 'actions',
        label: said.write,
        icon: PenLine,
        also: 'new page',
        to: '/admin/pages/new',
      },
      {
        id: 'upload',
        group: 'actions',
        label: said.upload,
        icon: Upload,
        also: 'upload media',
        to: '/admin/media',
      },
    );
  }
  if (may(role, 'admin')) {
    actions.push({
      id: 'back-up',
      group: 'actions',
      label: said.back_up,
      icon: Archive,
      also: 'backup',
      run: backUp,
    });
    actions.push({
      id: 'invite',
      group: 'actions',
      label: said.invite,
      icon: UserPlus,
      also: 'invite',
      to: '/admin/team',
    });
  }
  for (const one of THEMES.filter(other => other !== theme)) {
    actions.push({
      id: `theme-${one}`,
      group: 'actions',
      label: said.theme[one],
      icon: THEME_ICONS[one],
      also: `theme ${one}`,
      run: () => chooseTheme(one),
    });
  }
  actions.push(
    {
      id: 'language',
      group: 'actions',
      label: words().shell.other_language,
      icon: Languages,
      also: 'language sprache',
      run: () => void chooseLanguage(nextLanguage()),
    },
    {
      id: 'shortcuts',
      group: 'actions',
      label: said.shortcuts,
      icon: Keyboard,
      hint: '?',
      also: 'shortcuts help',
      run: showShortcuts,
    },
    {
      id: 'sign-out',
      group: 'actions',
      label: said.sign_out,
      icon: LogOut,
      also: 'sign out log out',
      run: signOut,
    },
  );
  return [...actions, ...places];
}

export const FOUND_ICONS = { pages: FileText, media: Image, leads: Inbox };
