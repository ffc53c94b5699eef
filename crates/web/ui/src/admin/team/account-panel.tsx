import { useQuery } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { Link } from 'react-router';
import type { AccountDetail } from '../../api/types';
import { fill } from '../../i18n/language';
import { Button } from '../../ui/button';
import { Drawer } from '../../ui/drawer';
import { Filled } from '../../ui/filled';
import { formatAgo, formatDate } from '../../ui/format';
import { ErrorNotice } from '../../ui/notice';
import { Bone, Loading } from '../../ui/skeleton';
import { words as publicWords } from '../../words/words';
import { accountQuery } from '../session/account';
import { words } from '../words/words';
import { AccessParts } from './access-parts';
import { AccountActions } from './account-actions';
import { AccountForm } from './account-form';
import { memberQuery } from './queries';

/** Everything about one account, and what administrators do with it. */
export function AccountPanel({ id, onClose }: { id: string; onClose: () => void }) {
  const said = words().team;
  const account = useQuery(memberQuery(id));
  const { data: me } = useQuery(accountQuery);
  const name = account.data?.name ?? said.account;
  return (
    <Drawer label={name} isOpen onClose={onClose}>
      <div className="sticky top-0 z-10 flex items-center gap-1 border-b border-line bg-surface py-2.5 pr-3 pl-5">
        <h2 className="min-w-0 flex-1 truncate text-lg font-semibold">{name}</h2>
        <Button tone="quiet" size="icon" aria-label={publicWords().close} onPress={onClose}>
          <X aria-hidden />
        </Button>
      </div>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-7 p-5">
        {account.data ? (
          <Details account={account.data} isOwn={me?.id === id} onDeleted={onClose} />
        ) : account.isError ? (
          <ErrorNotice error={account.error} onRetry={account.refetch} />
        ) : (
          <Loading what={said.the_account}>
            <Bone className="h-56 rounded-xl" />
            <Bone className="mt-6 h-48 rounded-xl" />
          </Loading>
        )}
      </div>
    </Drawer>
  );
}

type Props = { account: AccountDetail; isOwn: boolean; onDeleted: () => void };

/** What signs people in to their own account they look after under Your account. */
function Details({ account, isOwn, onDeleted }: Props) {
  const said = words().team;
  return (
    <>
      <AccountForm account={account} />
      {isOwn ? (
        <p className="text-ink-soft">
          <Filled
            text={said.own}
            values={{
              account: (
                <Link to="/admin/account" className="text-accent hover:underline">
                  {words().account.title}
                </Link>
              ),
            }}
          />
        </p>
      ) : (
        <>
          <AccessParts account={account} />
          <AccountActions account={account} onDeleted={onDeleted} />
        </>
      )}
      <p className="text-sm text-ink-faint">
        {fill(account.signed_in_at ? said.since_used : said.since, {
          date: formatDate(account.created_at),
          ago: account.signed_in_at ? formatAgo(account.signed_in_at) : '',
        })}
      </p>
    </>
  );
}
