import { THEME_ICONS } from './icons';
import { chooseTheme, THEMES, type Theme, useTheme } from './theme';

const after = (theme: Theme): Theme =>
  THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'system';

/** One small button that walks through system, light and dark. */
export function ThemeButton() {
  const theme = useTheme();
  const next = after(theme);
  const Icon = THEME_ICONS[theme];
  return (
    <button
      type="button"
      className="grid size-9 place-items-center rounded-lg text-ink-soft hover:bg-sunken hover:text-ink"
      aria-label={`Theme: ${theme}. Switch to ${next}.`}
      title={`Theme: ${theme}`}
      onClick={() => chooseTheme(next)}
    >
      <Icon className="size-[1.15rem]" />
    </button>
  );
}
