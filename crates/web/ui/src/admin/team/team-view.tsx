import { useQuery } from '@tanstack/react-query';
import { UserPlus } from 'lucide-react';
import { useState } from 'react';
import { useSearchParams } from 'react-router';
import type { Account } from '../../api/types';
import { fill } from '../../i18n/language';
import { Button } from '../../ui/button';
import { formatAgo, formatDateTime } from '../../ui/format';
import { ErrorNotice } from '../../ui/notice';
import { Bone, Loading } from '../../ui/skeleton';
import { teamQuery } from '../queries';
import { ViewBody, ViewHeader } from '../view-header';
import { words } from '../words/words';
import { AccountPanel } from './account-panel';
import { InviteDialog } from './invite-dialog';

/** Who may sign in, and what they may do. Whose account is shown is in the address. */
export function TeamView() {
  const said = words().team;
  const team = useQuery(teamQuery);
  const [place, setPlace] = useSearchParams();
  const [inviting, setInviting] = useState(false);
  const shown = place.get('account');
  return (
    <ViewBody>
      <ViewHeader title={said.title}>
        <Button tone="primary" onPress={() => setInviting(true)}>
          <UserPlus aria-hidden /> {said.invite_somebody}
        </Button>
      </ViewHeader>
      {team.isError ? (
        <ErrorNotice error={team.error} onRetry={team.refetch} />
      ) : !team.data ? (
        <Loading what={said.the_team}>
          <Bone className="h-40 rounded-xl" />
        </Loading>
      ) : (
        <ul
          aria-label={said.title}
          className="divide-y divide-line overflow-hidden rounded-xl border border-line bg-surface shadow-card"
        >
          {team.data.map(account => (
            <Row
              key={account.id}
              account={account}
              onShow={() => setPlace({ account: account.id }, { replace: true })}
            />
          ))}
        </ul>
      )}
      {inviting && <InviteDialog onClose={() => setInviting(false)} />}
      {shown && (
        <AccountPanel key={shown} id={shown} onClose={() => setPlace({}, { replace: true })} />
      )}
    </ViewBody>
  );
}

function Row({ account, onShow }: { account: Account; onShow: () => void }) {
  const said = words().team;
  const disabled = account.state === 'disabled';
  return (
    <li className="relative px-4 py-3.5 hover:bg-sunken md:flex md:items-center md:gap-4 md:px-5">
      <div className="min-w-0 flex-1">
        <button
          type="button"
          onClick={onShow}
          className={`block w-full cursor-pointer truncate text-left font-medium after:absolute after:inset-0 after:content-[''] ${disabled ? 'text-ink-faint line-through' : ''}`}
        >
          {account.name}
        </button>
        <p className="truncate text-sm text-ink-faint">{account.email}</p>
      </div>
      <p className="text-sm text-ink-soft">
        {[
          words().roles[account.role],
          account.state !== 'active' && said[account.state],
          account.second_factor && said.two_step,
          account.signed_in_at && fill(said.signed_in, { ago: formatAgo(account.signed_in_at) }),
        ]
          .filter(Boolean)
          .join(', ')}
        {account.signed_in_at && (
          <span className="sr-only"> ({formatDateTime(account.signed_in_at)})</span>
        )}
      </p>
    </li>
  );
}
