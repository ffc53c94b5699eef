import { fill } from '../i18n/language';
import { words } from '../words/words';
import { THEME_ICONS } from './icons';
import { chooseTheme, THEMES, type Theme, useTheme } from './theme';

const after = (theme: Theme): Theme =>
  THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'system';

type Props = { className?: string };

const OF_ADMIN =
  'grid size-9 place-items-center rounded-lg text-ink-soft hover:bg-sunken hover:text-ink';

const name = (theme: Theme): string => words()[`theme_${theme}`];

/** One small button that walks through system, light and dark. The server draws it for `system`. */
export function ThemeButton({ className = OF_ADMIN }: Props) {
  const theme = useTheme();
  const next = after(theme);
  const Icon = THEME_ICONS[theme];
  return (
    <button
      className={className}
      type="button"
      aria-label={fill(words().theme, { theme: name(theme), next: name(next) })}
      onClick={() => chooseTheme(next)}
    >
      <Icon className="icon" />
    </button>
  );
}
