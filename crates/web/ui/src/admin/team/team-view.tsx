import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import {
  Ban,
  EllipsisVertical,
  Fingerprint,
  KeyRound,
  ShieldCheck,
  UserCheck,
  UserPlus,
} from 'lucide-react';
import { useState } from 'react';
import { answer } from '../../api/client';
import { inOneLine } from '../../api/problem-places';
import type { Account, Role } from '../../api/types';
import { fill } from '../../i18n/language';
import { Button } from '../../ui/button';
import { formatAgo, formatDateTime } from '../../ui/format';
import { Menu, MenuItem } from '../../ui/menu';
import { ErrorNotice } from '../../ui/notice';
import { Bone, Loading } from '../../ui/skeleton';
import { say } from '../../ui/toast';
import { forgetTeam, teamQuery } from '../queries';
import { adminApi } from '../session/recovery';
import { ViewBody, ViewHeader } from '../view-header';
import { words } from '../words/words';
import { InviteDialog } from './invite-dialog';

/** Who may sign in, and what they may do. */
export function TeamView() {
  const said = words().team;
  const team = useQuery(teamQuery);
  const [inviting, setInviting] = useState(false);
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
          className="divide-y divide-line rounded-xl border border-line bg-surface shadow-card"
        >
          {team.data.map(account => (
            <Row key={account.id} account={account} />
          ))}
        </ul>
      )}
      {inviting && <InviteDialog onClose={() => setInviting(false)} />}
    </ViewBody>
  );
}

type Change = { role?: Role; disabled?: boolean };

function Row({ account }: { account: Account }) {
  const said = words().team;
  const queries = useQueryClient();
  const path = { id: account.id };
  const change = useMutation({
    mutationFn: (wanted: Change) =>
      answer(
        adminApi.PUT('/api/v1/admin/accounts/{id}', {
          params: { path, header: { 'If-Match': `"${account.revision}"` } },
          body: {
            email: account.email,
            name: account.name,
            role: account.role,
            disabled: account.state === 'disabled',
            ...wanted,
          },
        }),
      ),
    onError: error => say(inOneLine(error), 'danger'),
    onSettled: () => forgetTeam(queries),
  });
  const link = useMutation({
    mutationFn: () =>
      answer(adminApi.POST('/api/v1/admin/accounts/{id}/link', { params: { path } })),
    onSuccess: () => say(fill(said.link_sent, { email: account.email })),
    onError: error => say(inOneLine(error), 'danger'),
  });
  const removePasskeys = useMutation({
    mutationFn: () =>
      answer(adminApi.DELETE('/api/v1/admin/accounts/{id}/passkeys', { params: { path } })),
    onSuccess: () => say(fill(said.passkeys_removed, { name: account.name })),
    onError: error => say(inOneLine(error), 'danger'),
    onSettled: () => forgetTeam(queries),
  });
  const act = (key: unknown) => {
    if (key === 'link') link.mutate();
    else if (key === 'passkeys') removePasskeys.mutate();
    else if (key === 'disable') change.mutate({ disabled: true });
    else if (key === 'enable') change.mutate({ disabled: false });
    else change.mutate({ role: key as Role });
  };
  const disabled = account.state === 'disabled';
  return (
    <li className="flex items-center gap-4 px-4 py-3.5 md:px-5">
      <div className="min-w-0 flex-1 md:flex md:items-center md:gap-4">
        <div className="min-w-0 flex-1">
          <p className={`truncate font-medium ${disabled ? 'text-ink-faint line-through' : ''}`}>
            {account.name}
          </p>
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
      </div>
      <Menu
        label={fill(said.what_to_do, { name: account.name })}
        onAction={act}
        trigger={
          <Button tone="quiet" size="icon" aria-label={fill(said.change, { name: account.name })}>
            <EllipsisVertical aria-hidden />
          </Button>
        }
      >
        {(['viewer', 'editor', 'admin'] as const)
          .filter(role => role !== account.role)
          .map(role => (
            <MenuItem key={role} id={role} icon={<ShieldCheck aria-hidden />}>
              {said.make[role]}
            </MenuItem>
          ))}
        {!disabled && (
          <MenuItem id="link" icon={<KeyRound aria-hidden />}>
            {said.send_link}
          </MenuItem>
        )}
        {account.passkey_count > 0 && (
          <MenuItem id="passkeys" icon={<Fingerprint aria-hidden />}>
            {said.remove_passkeys}
          </MenuItem>
        )}
        {disabled ? (
          <MenuItem id="enable" icon={<UserCheck aria-hidden />}>
            {said.enable}
          </MenuItem>
        ) : (
          <MenuItem id="disable" icon={<Ban aria-hidden />}>
            {said.disable}
          </MenuItem>
        )}
      </Menu>
    </li>
  );
}
