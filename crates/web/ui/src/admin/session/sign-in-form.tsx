import { Fingerprint } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useForm } from 'react-hook-form';
import { ApiError, inTime, inWords, isApiError } from '../../api/problem';
import type { Account } from '../../api/types';
import { fill } from '../../i18n/language';
import { Button } from '../../ui/button';
import { TextField } from '../../ui/field';
import { Notice } from '../../ui/notice';
import { words } from '../words/words';
import { type Credentials, signIn, signInWithPasskey } from './account';
import { deviceProblem, hasPasskeys } from './passkey';

type Props = { onSignedIn: (account: Account) => void; email?: string | undefined };

/** The same form for the sign-in view and for the dialog that appears when a session has ended. */
export function SignInForm({ onSignedIn, email = '' }: Props) {
  const said = words().door;
  const { register, handleSubmit, formState, resetField, setFocus } = useForm<Credentials>({
    defaultValues: { email, password: '' },
  });
  const [failure, setFailure] = useState<unknown>(null);
  const [wait, setWait] = useCountdown();
  const [asksForCode, setAsksForCode] = useState(false);
  const [asksDevice, setAsksDevice] = useState(false);

  useEffect(() => setFocus(email ? 'password' : 'email'), [setFocus, email]);
  useEffect(() => {
    if (asksForCode) setFocus('code');
  }, [setFocus, asksForCode]);

  const submit = handleSubmit(async credentials => {
    setFailure(null);
    try {
      onSignedIn(await signIn(credentials));
    } catch (error) {
      if (isApiError(error, 'second-factor-required')) {
        setAsksForCode(true);
        return;
      }
      setFailure(error);
      if (error instanceof ApiError && error.status === 429) setWait(error.retryAfterSeconds ?? 30);
      else if (error instanceof ApiError && error.code === 'wrong-credentials') {
        resetField('password');
        setFocus('password');
      } else if (isApiError(error, 'wrong-code')) {
        resetField('code');
        setFocus('code');
      }
    }
  });

  const enter = async () => {
    setFailure(null);
    setAsksDevice(true);
    try {
      onSignedIn(await signInWithPasskey());
    } catch (error) {
      setFailure(error);
      if (error instanceof ApiError && error.status === 429) setWait(error.retryAfterSeconds ?? 30);
    }
    setAsksDevice(false);
  };

  const { errors, isSubmitting } = formState;
  const ofDevice = deviceProblem(failure);
  const tooOften = failure instanceof ApiError && failure.status === 429;
  return (
    <form onSubmit={submit} noValidate className="grid gap-4">
      {failure !== null && (!tooOften || wait > 0) && (
        <Notice title={ofDevice ?? inWords(failure).title}>
          {tooOften
            ? fill(said.again_in, { time: inTime(wait) })
            : !ofDevice && inWords(failure).detail}
        </Notice>
      )}
      <TextField
        label={said.email}
        type="email"
        autoComplete="username"
        error={errors.email?.message}
        {...register('email', { required: said.type_email })}
      />
      <TextField
        label={said.password}
        type="password"
        autoComplete="current-password"
        error={errors.password?.message}
        {...register('password', { required: said.type_your_password })}
      />
      {asksForCode && (
        <TextField
          label={said.code}
          hint={said.code_hint}
          autoComplete="one-time-code"
          inputMode="text"
          maxLength={50}
          error={errors.code?.message}
          {...register('code', { required: said.type_code })}
        />
      )}
      <Button
        type="submit"
        tone="primary"
        className="mt-2 w-full"
        isDisabled={isSubmitting || wait > 0}
      >
        {isSubmitting ? said.signing_in : said.sign_in}
      </Button>
      {hasPasskeys() && (
        <Button
          className="w-full"
          isDisabled={isSubmitting || asksDevice || wait > 0}
          onPress={enter}
        >
          <Fingerprint aria-hidden /> {asksDevice ? said.waiting : said.use_passkey}
        </Button>
      )}
    </form>
  );
}

/** Seconds left, counting down to zero. */
function useCountdown(): [number, (seconds: number) => void] {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    if (left <= 0) return;
    const timer = setTimeout(() => setLeft(left - 1), 1000);
    return () => clearTimeout(timer);
  }, [left]);
  return [left, setLeft];
}
