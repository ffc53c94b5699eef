import type { ReactNode } from 'react';
import type { HealthCheck } from '../../api/types';
import { fill } from '../../i18n/language';
import { formatAgo, formatDateTime } from '../../ui/format';
import { words } from '../words/words';
import { Explanation } from './explanation';
import { isTroubled, StatusIcon } from './health-status';
import { otherNameOfCheck, otherNameOfValue } from './names';
import { Told } from './told';

type Props = {
  check: HealthCheck;
  /** How checks and features are called. */
  names: Map<string, string>;
  isOpen?: boolean;
};

/** A check in a line; behind it all that is known of it. What was seen is the server's sentence, in English. */
export function CheckDetails({ check, names, isOpen }: Props) {
  const said = words().operations;
  const other = words().checks.of[check.id];
  const named = (ids: string[]) => ids.map(id => names.get(id) ?? id).join(', ');
  return (
    <details open={isOpen} className="group px-4 md:px-5">
      <summary className="flex cursor-pointer list-none items-start gap-3 rounded-lg py-2.5 [&::-webkit-details-marker]:hidden">
        <StatusIcon word={check.status} className="mt-0.5 size-5" />
        <span className="min-w-0 flex-1">
          <Told
            says={check.title}
            other={otherNameOfCheck(check.id)}
            className="font-medium group-hover:underline"
          />
          <span lang="en" className="block text-sm break-words text-ink-soft">
            {check.says}
          </span>
        </span>
        <span className="mt-0.5 shrink-0 text-sm text-ink-faint max-sm:hidden">
          {isTroubled(check.status) && (
            <time dateTime={check.since} title={formatDateTime(check.since)}>
              {fill(said.since, { time: formatAgo(check.since) })}
            </time>
          )}
        </span>
      </summary>
      <dl className="grid gap-4 pb-4 pl-8 text-[0.9375rem]">
        {check.reasons.length > 0 && (
          <Fact name={said.reasons}>
            <ul lang="en">
              {check.reasons.map(reason => (
                <li key={reason}>{reason}</li>
              ))}
            </ul>
          </Fact>
        )}
        {check.because_of.length > 0 && (
          <Fact name={said.because_of}>{named(check.because_of)}</Fact>
        )}
        {check.affects.length > 0 && <Fact name={said.affects}>{named(check.affects)}</Fact>}
        {check.values.length > 0 && (
          <Fact name={said.measured}>
            <Values check={check} />
          </Fact>
        )}
        {check.means && (
          <Fact name={said.means}>
            <Explanation text={check.means} other={other && [other.means]} />
          </Fact>
        )}
        {check.look_at && (
          <Fact name={said.look_at}>
            <Explanation text={check.look_at} other={other?.look_at} />
          </Fact>
        )}
        {check.fix && (
          <Fact name={said.fix}>
            <Explanation text={check.fix} other={other?.fix} />
          </Fact>
        )}
      </dl>
    </details>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-sm text-ink-faint">{name}</dt>
      <dd className="break-words">{children}</dd>
    </div>
  );
}

function Values({ check }: { check: HealthCheck }) {
  const said = words().operations;
  return (
    <ul>
      {check.values.map(({ name, value }) => (
        <li key={name} className="flex gap-3 tabular-nums">
          <Told says={name.replaceAll('_', ' ')} other={otherNameOfValue(name)} />
          {typeof value === 'string' ? (
            <span lang="en" className="font-medium">
              {value}
            </span>
          ) : (
            said.not_measured
          )}
        </li>
      ))}
    </ul>
  );
}
