import type { ReactNode } from 'react';
import type { ApiToken, Passkey, Session } from '../../api/types';
import { fill } from '../../i18n/language';
import { Filled } from '../../ui/filled';
import { formatAgo, formatDate, formatDateTime } from '../../ui/format';
import { words } from '../words/words';
import { deviceIn } from './device';

/* What gets into an account, a line each, with what can be done about it. */

export function SessionLine({ session, children }: { session: Session; children?: ReactNode }) {
  const said = words().account.sessions;
  const name = deviceIn(session.agent, said.on_device) || session.agent || said.no_agent;
  return (
    <Line name={name} title={session.agent} actions={children}>
      <Filled
        text={said.line}
        values={{
          address: session.address || said.no_address,
          ago: (
            <time dateTime={session.seen_at} title={formatDateTime(session.seen_at)}>
              {formatAgo(session.seen_at)}
            </time>
          ),
        }}
      />
    </Line>
  );
}

export function PasskeyLine({ passkey, children }: { passkey: Passkey; children?: ReactNode }) {
  const said = words().account.passkeys;
  return (
    <Line name={passkey.name} actions={children}>
      {fill(said.line, {
        where: passkey.synced ? said.everywhere : said.one_device,
        date: formatDate(passkey.created_at),
        use: lastUse(passkey),
      })}
    </Line>
  );
}

export function TokenLine({ token, children }: { token: ApiToken; children?: ReactNode }) {
  const said = words().account.tokens;
  const named = token.areas?.map(area => said.areas[area]).join(', ');
  const may = words().roles[token.role];
  return (
    <Line name={token.name} actions={children}>
      {fill(said.line, {
        may: named ? fill(said.for_areas, { role: may, areas: named }) : may,
        date: formatDate(token.expires_at),
        use: lastUse(token),
      })}
    </Line>
  );
}

type LineProps = { name: string; title?: string; actions: ReactNode; children: ReactNode };

function Line({ name, title, actions, children }: LineProps) {
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 py-3">
      <div className="min-w-0 flex-1 basis-48">
        <p className="truncate font-medium" title={title}>
          {name}
        </p>
        <p className="text-sm text-ink-faint">{children}</p>
      </div>
      {actions}
    </li>
  );
}

function lastUse({ used_at, used_from }: Pick<ApiToken, 'used_at' | 'used_from'>): string {
  const said = words().account;
  if (!used_at) return said.never_used;
  return fill(said.used, { ago: formatAgo(used_at), address: used_from ?? '' });
}
