import { locale } from '../i18n/language';
import { words } from '../words/words';

/* Times and numbers in the language of what is on the screen. */

export const formatNumber = (value: number): string =>
  new Intl.NumberFormat(locale()).format(value);

export const formatDate = (iso: string): string =>
  new Intl.DateTimeFormat(locale(), { dateStyle: 'long' }).format(new Date(iso));

export const formatDateTime = (iso: string): string =>
  new Intl.DateTimeFormat(locale(), { dateStyle: 'long', timeStyle: 'short' }).format(
    new Date(iso),
  );

const STEPS: [seconds: number, unit: Intl.RelativeTimeFormatUnit][] = [
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'minute'],
];

/** "3 hours ago", and a plain date for what is older than a week. */
export function formatAgo(iso: string, now = Date.now()): string {
  const seconds = Math.round((now - new Date(iso).getTime()) / 1000);
  if (seconds >= 7 * 86_400) return formatDate(iso);
  const relative = new Intl.RelativeTimeFormat(locale(), { numeric: 'auto' });
  for (const [size, unit] of STEPS) {
    if (seconds >= size) return relative.format(-Math.floor(seconds / size), unit);
  }
  return words().just_now;
}

export function formatBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB'];
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1);
  const value = bytes / 1000 ** power;
  const digits = value < 10 && power > 0 ? 1 : 0;
  const shown = value.toLocaleString(locale(), {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
    useGrouping: false,
  });
  return `${shown} ${power === 0 ? words().bytes : units[power]}`;
}

/** A time that something took: `340 ms`, `2.3 sec`, `4 min`. */
export function formatDuration(ms: number): string {
  const [value, unit] =
    ms < 1_000
      ? [ms, 'millisecond']
      : ms < 100_000
        ? [ms / 1_000, 'second']
        : [ms / 60_000, 'minute'];
  return new Intl.NumberFormat(locale(), {
    style: 'unit',
    unit,
    unitDisplay: 'short',
    maximumFractionDigits: value < 10 ? 1 : 0,
  }).format(value);
}

/** To the second, for what comes many times in a minute; what is no time stays as it is. */
export function formatMoment(text: string): string {
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) return text;
  return new Intl.DateTimeFormat(locale(), {
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).format(at);
}

/** The time of the day alone, by the clock of this device. */
export const formatTime = (iso: string): string =>
  new Intl.DateTimeFormat(locale(), { timeStyle: 'short' }).format(new Date(iso));

/** A language by its name in the language of the screen: `Deutsch` for `de`. */
export function formatLanguage(tag: string): string {
  try {
    return new Intl.DisplayNames(locale(), { type: 'language' }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}
