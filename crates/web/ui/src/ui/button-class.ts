export type ButtonTone = 'primary' | 'plain' | 'quiet' | 'danger';
export type ButtonSize = 'normal' | 'small' | 'icon';

const BASE =
  'inline-flex items-center justify-center gap-2 rounded-lg font-medium whitespace-nowrap select-none transition-colors ' +
  'disabled:opacity-50 aria-disabled:opacity-50 [&_svg]:size-[1.1em] [&_svg]:shrink-0';

const TONES: Record<ButtonTone, string> = {
  primary: 'bg-accent text-on-accent shadow-card hover:bg-accent-strong',
  plain: 'bg-surface text-ink border border-line-strong shadow-card hover:bg-sunken',
  quiet: 'text-ink-soft hover:bg-sunken hover:text-ink',
  danger: 'bg-danger text-on-danger shadow-card hover:opacity-90',
};

const SIZES: Record<ButtonSize, string> = {
  normal: 'h-10 px-4 text-[0.9375rem]',
  small: 'h-8 px-3 text-sm',
  icon: 'size-9 text-base',
};

/** The look of a button, for things that are links as well. */
export function buttonClass(
  tone: ButtonTone = 'plain',
  size: ButtonSize = 'normal',
  extra = '',
): string {
  return `${BASE} ${TONES[tone]} ${SIZES[size]} ${extra}`;
}
