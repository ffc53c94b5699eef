import { useQuery, useQueryClient } from '@tanstack/react-query';
import { ChevronsUpDown, Languages, LogOut, UserRound } from 'lucide-react';
import type { PopoverProps } from 'react-aria-components';
import { useNavigate } from 'react-router';
import { inOneLine } from '../../api/problem-places';
import { Button } from '../../ui/button';
import { THEME_ICONS } from '../../ui/icons';
import { Menu, MenuItem } from '../../ui/menu';
import { chooseTheme, THEMES, useTheme } from '../../ui/theme';
import { say } from '../../ui/toast';
import { beforeLeaving } from '../leave-guard';
import { accountQuery, signOut } from '../session/account';
import { chooseLanguage, nextLanguage, useWords } from '../words/words';

const THEME_NAMES = { system: 'Theme of the system', light: 'Light theme', dark: 'Dark theme' };

type Props = { placement: PopoverProps['placement']; compact?: boolean };

export function AccountMenu({ placement, compact }: Props) {
  const { data: account } = useQuery(accountQuery);
  const words = useWords();
  const theme = useTheme();
  const queries = useQueryClient();
  const navigate = useNavigate();

  const leave = async () => {
    try {
      await signOut(queries);
      navigate('/admin/login');
    } catch (error) {
      say(`Could not log out. ${inOneLine(error)}`, 'danger');
    }
  };

  const name = account?.name ?? '';
  return (
    <Menu
      label="Account"
      placement={placement}
      onAction={key => {
        const chosen = THEMES.find(one => one === key);
        if (chosen) chooseTheme(chosen);
        else if (key === 'language') void chooseLanguage(nextLanguage());
        else if (key === 'account') beforeLeaving(() => navigate('/admin/account'));
        else beforeLeaving(leave);
      }}
      trigger={
        <Button tone="quiet" className={compact ? 'px-1!' : 'h-12! w-full px-2!'}>
          <Initials name={name} />
          <span className={compact ? 'sr-only' : 'min-w-0 flex-1 text-left'}>
            <span className="sr-only">Account: </span>
            <span className="block truncate text-sm text-ink">{name}</span>
            <span className="block truncate text-xs text-ink-faint">{account?.email}</span>
          </span>
          {!compact && <ChevronsUpDown aria-hidden className="text-ink-faint" />}
        </Button>
      }
    >
      <MenuItem id="account" icon={<UserRound aria-hidden />}>
        Your account
      </MenuItem>
      {THEMES.filter(one => one !== theme).map(one => {
        const Icon = THEME_ICONS[one];
        return (
          <MenuItem key={one} id={one} icon={<Icon />}>
            {THEME_NAMES[one]}
          </MenuItem>
        );
      })}
      <MenuItem id="language" icon={<Languages aria-hidden />}>
        {words.other_language}
      </MenuItem>
      <MenuItem id="log-out" icon={<LogOut aria-hidden />}>
        Log out
      </MenuItem>
    </Menu>
  );
}

function Initials({ name }: { name: string }) {
  const letters = name
    .split(/\s+/)
    .map(word => word.charAt(0))
    .join('')
    .slice(0, 2);
  return (
    <span
      aria-hidden="true"
      className="grid size-8 shrink-0 place-items-center rounded-full bg-accent text-xs font-semibold text-on-accent uppercase"
    >
      {letters}
    </span>
  );
}
