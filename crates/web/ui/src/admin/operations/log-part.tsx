import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { fill } from '../../i18n/language';
import { Choice } from '../../ui/choice';
import { formatMoment } from '../../ui/format';
import { ErrorNotice } from '../../ui/notice';
import { Bone, Loading } from '../../ui/skeleton';
import { words } from '../words/words';
import { type LogLine, lineOf } from './log-line';
import { logQuery } from './queries';

const WHICH = ['all', 'problems'] as const;

/** The end of the log, the newest first. */
export function LogPart() {
  const said = words().operations.log;
  const [which, setWhich] = useState<(typeof WHICH)[number]>('all');
  const { data, error, refetch } = useQuery(logQuery(which === 'problems'));
  const lines = data?.lines.map(lineOf).reverse() ?? [];
  return (
    <>
      <div className="mb-4 flex flex-wrap items-center justify-between gap-3">
        <Choice
          label={said.which}
          options={WHICH.map(value => ({ value, label: said[value] }))}
          value={which}
          onChange={setWhich}
        />
        {data && (
          <p className="text-sm text-ink-faint">
            {data.file ? fill(said.file, { file: data.file }) : said.to_stderr}
          </p>
        )}
      </div>
      {error ? (
        <ErrorNotice error={error} onRetry={refetch} />
      ) : !data ? (
        <Loading what={said.the_log}>
          <Bone className="h-80 rounded-xl" />
        </Loading>
      ) : lines.length === 0 ? (
        <p className="rounded-xl border border-dashed border-line-strong px-6 py-14 text-center text-ink-soft">
          {said.nothing}
        </p>
      ) : (
        <ol
          aria-label={said.lines}
          lang="en"
          className="divide-y divide-line rounded-xl border border-line bg-surface font-mono text-sm shadow-card"
        >
          {lines.map((line, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the same line may come twice
            <Line key={at} line={line} />
          ))}
        </ol>
      )}
    </>
  );
}

const TONES: Record<string, string> = { ERROR: 'text-danger', WARN: 'text-warn' };

function Line({ line: { time, level, message, rest } }: { line: LogLine }) {
  return (
    <li className="px-4 py-2 break-words">
      {time && (
        <time dateTime={time} title={time} className="mr-3 text-ink-faint tabular-nums">
          {formatMoment(time)}
        </time>
      )}
      {level && <span className={`mr-3 font-semibold ${TONES[level] ?? ''}`}>{level}</span>}
      {message}
      {rest && <span className="ml-3 text-ink-faint">{rest}</span>}
    </li>
  );
}
