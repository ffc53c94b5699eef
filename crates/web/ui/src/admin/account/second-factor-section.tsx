import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { answer } from '../../api/client';
import { fieldProblems } from '../../api/problem-places';
import type { Account } from '../../api/types';
import { Button } from '../../ui/button';
import { TextField } from '../../ui/field';
import { ErrorNotice } from '../../ui/notice';
import { say } from '../../ui/toast';
import { forgetOwn } from '../queries';
import { adminApi } from '../session/recovery';
import { RecoveryCodes } from './recovery-codes';
import { Section } from './section';

type Offer = { secret: string; picture: string };
type Stage = { at: 'start' } | { at: 'offered'; offer: Offer } | { at: 'codes'; codes: string[] };

/** Two-step sign-in: on with a code of the app, off with the password. */
export function SecondFactorSection({ account }: { account: Account }) {
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
    say('The authenticator app is off.');
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
  const about = account.authenticator_app
    ? 'It is on: signing in needs a code of your authenticator app.'
    : 'A code of an app on your phone, besides the password. Who learns your password cannot sign in with it.';

  return (
    <Section title="Two-step sign-in" about={about}>
      {stage.at === 'codes' ? (
        <RecoveryCodes codes={stage.codes} onKept={() => setStage({ at: 'start' })} />
      ) : stage.at === 'offered' ? (
        <form onSubmit={confirm} noValidate className="grid max-w-sm gap-4">
          {notice}
          <p>Scan this with your authenticator app, then type the code that it shows.</p>
          <img
            alt="QR code for the authenticator app"
            className="size-60 rounded-lg bg-white p-2"
            src={`data:image/svg+xml,${encodeURIComponent(stage.offer.picture)}`}
          />
          <p className="text-sm text-ink-soft">
            Or type this: <code className="break-all">{stage.offer.secret}</code>
          </p>
          <TextField
            label="Code"
            autoComplete="one-time-code"
            inputMode="numeric"
            maxLength={50}
            error={error}
            value={typed}
            onChange={event => setTyped(event.target.value)}
          />
          <Button type="submit" tone="primary" className="justify-self-start" isDisabled={busy}>
            Turn it on
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
            label="Your password"
            type="password"
            autoComplete="current-password"
            error={error}
            value={typed}
            onChange={event => setTyped(event.target.value)}
          />
          <div className="flex flex-wrap gap-2">
            <Button type="submit" isDisabled={busy || typed === ''}>
              {account.authenticator_app ? 'Turn it off' : 'Set it up'}
            </Button>
            {account.second_factor && (
              <Button isDisabled={busy || typed === ''} onPress={() => renew()}>
                New recovery codes
              </Button>
            )}
          </div>
        </form>
      )}
    </Section>
  );
}
