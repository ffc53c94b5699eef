/** A line of the log, taken apart as far as it can be. */
export type LogLine = { time: string; level: string; message: string; rest: string };

// With colours it is written for terminals.
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what they begin with
const COLOURS = /\u001b\[[0-9;]*m/g;

/** Lines are JSON, or text for terminals, which stays as it is. */
export function lineOf(line: string): LogLine {
  const entry = parsed(line);
  if (!entry) return { time: '', level: '', message: line.replace(COLOURS, ''), rest: '' };
  const { timestamp, level, message, ...others } = entry;
  const rest = Object.entries(others).map(([name, value]) => `${name}=${text(value)}`);
  return {
    time: text(timestamp),
    level: text(level),
    message: text(message),
    rest: rest.join(' '),
  };
}

function parsed(line: string): Record<string, unknown> | null {
  if (!line.startsWith('{')) return null;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return null;
  }
}

const text = (value: unknown): string =>
  value === undefined || value === null
    ? ''
    : typeof value === 'string'
      ? value
      : JSON.stringify(value);
