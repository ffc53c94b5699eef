import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { answer } from '../../api/client';
import { inOneLine } from '../../api/problem-places';
import type { AccountDetail } from '../../api/types';
import { fill } from '../../i18n/language';
import { Button } from '../../ui/button';
import { say } from '../../ui/toast';
import { PasskeyLine, SessionLine, TokenLine } from '../account/access-lines';
import { AskDialog } from '../ask-dialog';
import { forgetTeam } from '../queries';
import { adminApi } from '../session/recovery';
import { words } from '../words/words';

/** What gets into an account, and how each is taken away. */
export function AccessParts({ account }: { account: AccountDetail }) {
  const { team: said, account: titles } = words();
  const params = { path: { id: account.id } };
  const { name, passkeys, sessions, tokens } = account;
  return (
    <>
      <Part title={titles.second_factor.title}>
        {account.authenticator_app ? (
          <>
            <p className="mb-3">{said.app.on}</p>
            <TakeAway
              said={said.app}
              name={name}
              work={() =>
                answer(adminApi.DELETE('/api/v1/admin/accounts/{id}/second-factor', { params }))
              }
            />
          </>
        ) : (
          <p>{said.app.off}</p>
        )}
      </Part>
      <Part title={titles.passkeys.title}>
        {passkeys.length === 0 ? (
          <p>{said.passkeys.none}</p>
        ) : (
          <>
            <List label={titles.passkeys.title}>
              {passkeys.map(passkey => (
                <PasskeyLine key={passkey.id} passkey={passkey} />
              ))}
            </List>
            <TakeAway
              said={said.passkeys}
              name={name}
              work={() =>
                answer(adminApi.DELETE('/api/v1/admin/accounts/{id}/passkeys', { params }))
              }
            />
          </>
        )}
      </Part>
      <Part title={titles.sessions.title}>
        {sessions.length === 0 ? (
          <p>{said.sessions.none}</p>
        ) : (
          <>
            <List label={titles.sessions.title}>
              {sessions.map(session => (
                <SessionLine key={session.id} session={session} />
              ))}
            </List>
            <EndSessions account={account} />
          </>
        )}
      </Part>
      <Part title={titles.tokens.title}>
        {tokens.length === 0 ? (
          <p>{said.tokens.none}</p>
        ) : (
          <>
            <List label={titles.tokens.title}>
              {tokens.map(token => (
                <TokenLine key={token.id} token={token} />
              ))}
            </List>
            <TakeAway
              said={said.tokens}
              name={name}
              work={() => answer(adminApi.DELETE('/api/v1/admin/accounts/{id}/tokens', { params }))}
            />
          </>
        )}
      </Part>
    </>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h3 className="mb-1 font-semibold">{title}</h3>
      <div className="text-ink-soft">{children}</div>
    </section>
  );
}

function List({ label, children }: { label: string; children: ReactNode }) {
  return (
    <ul aria-label={label} className="mb-2 divide-y divide-line text-ink">
      {children}
    </ul>
  );
}

/** At once: they sign in again. */
function EndSessions({ account: { id, name } }: { account: AccountDetail }) {
  const said = words().team.sessions;
  const queries = useQueryClient();
  const end = useMutation({
    mutationFn: () =>
      answer(adminApi.DELETE('/api/v1/admin/accounts/{id}/sessions', { params: { path: { id } } })),
    onSuccess: () => say(fill(said.done, { name })),
    onError: error => say(inOneLine(error), 'danger'),
    onSettled: () => forgetTeam(queries),
  });
  return (
    <Button isDisabled={end.isPending} onPress={() => end.mutate()}>
      {said.button}
    </Button>
  );
}

type TakeAwayProps = {
  said: { button: string; ask: string; text: string; done: string };
  name: string;
  work: () => Promise<unknown>;
};

/** Asks before: nobody can give it back but the owner. */
function TakeAway({ said, name, work }: TakeAwayProps) {
  const queries = useQueryClient();
  const [asking, setAsking] = useState(false);
  const close = () => setAsking(false);
  return (
    <>
      <Button onPress={() => setAsking(true)}>{said.button}</Button>
      {asking && (
        <AskDialog
          title={fill(said.ask, { name })}
          button={said.button}
          work={work}
          onDone={() => {
            say(fill(said.done, { name }));
            close();
          }}
          onSettled={() => forgetTeam(queries)}
          onClose={close}
        >
          {said.text}
        </AskDialog>
      )}
    </>
  );
}
