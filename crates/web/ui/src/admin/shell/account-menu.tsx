import { useQuery } from '@tanstack/react-query';
import { ChevronsUpDown, Languages, LogOut, UserRound } from 'lucide-react';
import type { PopoverProps } from 'react-aria-components';
import { useNavigate } from 'react-router';
import { Button } from '../../ui/button';
import { THEME_ICONS } from '../../ui/icons';
import { Menu, MenuItem } from '../../ui/menu';
import { chooseTheme, THEMES, useTheme } from '../../ui/theme';
import { beforeLeaving } from '../leave-guard';
import { accountQuery } from '../session/account';
import { useSignOut } from '../session/use-sign-out';
import { chooseLanguage, nextLanguage, words } from '../words/words';

type Props = { placement: PopoverProps['placement']; compact?: boolean };

export function AccountMenu({ placement, compact }: Props) {
  const { data: account } = useQuery(accountQuery);
  const { shell, palette } = words();
  const theme = useTheme();
  const leave = useSignOut();
  const navigate = useNavigate();

  const name = account?.name ?? '';
  return (
    <Menu
      label={shell.account}
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
            <span className="sr-only">{shell.account}: </span>
            <span className="block truncate text-sm text-ink">{name}</span>
            <span className="block truncate text-xs text-ink-faint">{account?.email}</span>
          </span>
          {!compact && <ChevronsUpDown aria-hidden className="text-ink-faint" />}
        </Button>
      }
    >
      <MenuItem id="account" icon={<UserRound aria-hidden />}>
        {palette.account}
      </MenuItem>
      {THEMES.filter(one => one !== theme).map(one => {
        const Icon = THEME_ICONS[one];
        return (
          <MenuItem key={one} id={one} icon={<Icon />}>
            {palette.theme[one]}
          </MenuItem>
        );
      })}
      <MenuItem id="language" icon={<Languages aria-hidden />}>
        {shell.other_language}
      </MenuItem>
      <MenuItem id="log-out" icon={<LogOut aria-hidden />}>
        {palette.sign_out}
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
