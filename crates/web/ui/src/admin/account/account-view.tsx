import { useQuery } from '@tanstack/react-query';
import { accountQuery } from '../session/account';
import { ViewBody, ViewHeader } from '../view-header';
import { words } from '../words/words';
import { KeyboardSection } from './keyboard-section';
import { NameSection } from './name-section';
import { PasskeysSection } from './passkeys-section';
import { PasswordSection } from './password-section';
import { SecondFactorSection } from './second-factor-section';
import { SessionsSection } from './sessions-section';
import { TokensSection } from './tokens-section';

/** What people do with their own account. */
export function AccountView() {
  const { data: account } = useQuery(accountQuery);
  return (
    <ViewBody>
      <ViewHeader title={words().account.title} />
      {account && (
        <div className="grid max-w-3xl grid-cols-[minmax(0,1fr)] gap-6">
          <NameSection account={account} />
          <PasswordSection />
          <PasskeysSection />
          <SecondFactorSection account={account} />
          <SessionsSection />
          <KeyboardSection />
          <TokensSection account={account} />
        </div>
      )}
    </ViewBody>
  );
}
