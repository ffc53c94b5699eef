import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { answer } from '../../api/client';
import { fieldProblems } from '../../api/problem-places';
import type { Account } from '../../api/types';
import { Button } from '../../ui/button';
import { TextField } from '../../ui/field';
import { Filled } from '../../ui/filled';
import { ErrorNotice } from '../../ui/notice';
import { say } from '../../ui/toast';
import { forgetOwn } from '../queries';
import { adminApi } from '../session/recovery';
import { words } from '../words/words';
import { RecoveryCodes } from './recovery-codes';
import { Section } from './section';

type Offer = { secret: string; picture: string };
type Stage = { at: 'start' } | { at: 'offered'; offer: Offer } | { at: 'codes'; codes: string[] };

/** Two-step sign-in: on with a code of the app, off with the password. */
export function SecondFactorSection({ account }: { account: Account }) {
  const { second_factor: said, ...ofAccount } = words().account;
  const queries = useQueryClient();
  const [stage, setStage] = useState<Stage>({ at: 'start' });
  const [typed, setTyped] = useState('');
  const [failure, setFailure] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);

  const run = (work: () => Promise<void>) => async (event?: FormEvent) => {
    event?.preventDefault();
    setFailure(null);
    setBusy(true);
    try {
      await work();
      setTyped('');
    } catch (error) {
      setFailure(error);
    }
    setBusy(false);
  };
  const begin = run(async () => {
    const call = adminApi.POST('/api/v1/auth/second-factor', { body: { password: typed } });
    setStage({ at: 'offered', offer: (await answer(call)).data });
  });
  const confirm = run(async () => {
    const call = adminApi.POST('/api/v1/auth/second-factor/confirm', { body: { code: typed } });
    setStage({ at: 'codes', codes: (await answer(call)).data.recovery_codes });
    forgetOwn(queries);
  });
  const remove = run(async () => {
    await answer(adminApi.POST('/api/v1/auth/second-factor/remove', { body: { password: typed } }));
    say(said.turned_off);
    forgetOwn(queries);
  });

  const renew = run(async () => {
    const body = { password: typed };
    const call = adminApi.POST('/api/v1/auth/second-factor/recovery-codes', { body });
    setStage({ at: 'codes', codes: (await answer(call)).data.recovery_codes });
  });

  const { fields, rest } = fieldProblems(failure, ['password', 'code']);
  const error = fields[0]?.detail;
  const notice = failure !== null && (!error || rest.length > 0) && <ErrorNotice error={failure} />;
  return (
    <Section title={said.title} about={account.authenticator_app ? said.on : said.off}>
      {stage.at === 'codes' ? (
        <RecoveryCodes codes={stage.codes} onKept={() => setStage({ at: 'start' })} />
      ) : stage.at === 'offered' ? (
        <form onSubmit={confirm} noValidate className="grid max-w-sm gap-4">
          {notice}
          <p>{said.scan}</p>
          <img
            alt={said.picture}
            className="size-60 rounded-lg bg-white p-2"
            src={`data:image/svg+xml,${encodeURIComponent(stage.offer.picture)}`}
          />
          <p className="text-sm text-ink-soft">
            <Filled
              text={said.or_type}
              values={{ secret: <code className="break-all">{stage.offer.secret}</code> }}
            />
          </p>
          <TextField
            label={said.code}
            autoComplete="one-time-code"
            inputMode="numeric"
            maxLength={50}
            error={error}
            value={typed}
            onChange={event => setTyped(event.target.value)}
          />
          <Button type="submit" tone="primary" className="justify-self-start" isDisabled={busy}>
            {said.turn_on}
          </Button>
        </form>
      ) : (
        <form
          onSubmit={account.authenticator_app ? remove : begin}
          noValidate
          className="grid max-w-sm gap-4"
        >
          {notice}
          <TextField
            label={ofAccount.your_password}
            type="password"
            autoComplete="current-password"
            error={error}
            value={typed}
            onChange={event => setTyped(event.target.value)}
          />
          <div className="flex flex-wrap gap-2">
            <Button type="submit" isDisabled={busy || typed === ''}>
              {account.authenticator_app ? said.turn_off : said.set_up}
            </Button>
            {account.second_factor && (
              <Button isDisabled={busy || typed === ''} onPress={() => renew()}>
                {said.new_codes}
              </Button>
            )}
          </div>
        </form>
      )}
    </Section>
  );
}
