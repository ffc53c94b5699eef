import { expect, it } from 'vitest';
import { lineOf } from './log-line';

it.each([
  [
    '{"timestamp":"2026-11-26T02:00:00Z","level":"WARN","message":"slow","took_ms":12,"target":"api"}',
    ['2026-11-26T02:00:00Z', 'WARN', 'slow', 'took_ms=12 target=api'],
  ],
  ['\u001b[33mWARN\u001b[0m slow', ['', '', 'WARN slow', '']],
  ['{broken', ['', '', '{broken', '']],
])('%s', (line, [time, level, message, rest]) =>
  expect(lineOf(line)).toEqual({ time, level, message, rest }),
);
