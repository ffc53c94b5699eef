import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { Button } from '../../ui/button';
import { TextField } from '../../ui/field';
import { ErrorNotice } from '../../ui/notice';
import { askForLink } from './account';
import { DoorFrame } from './door-frame';

/** For those who forgot their password. What it says afterwards is the same whether there is such an account or not. */
export function ForgottenView() {
  const { register, handleSubmit, formState } = useForm({ defaultValues: { email: '' } });
  const [failure, setFailure] = useState<unknown>(null);
  const [sentTo, setSentTo] = useState<string | null>(null);
  const submit = handleSubmit(async ({ email }) => {
    setFailure(null);
    try {
      await askForLink(email);
      setSentTo(email);
    } catch (error) {
      setFailure(error);
    }
  });
  return (
    <DoorFrame title="Forgot your password?" links={[{ to: '/admin/login', label: 'Sign in' }]}>
      {sentTo !== null ? (
        <p role="status">
          If there is an account for <strong>{sentTo}</strong>, a letter is on its way to it. The
          link in it holds for 30 minutes.
        </p>
      ) : (
        <form onSubmit={submit} noValidate className="grid gap-4">
          {failure !== null && <ErrorNotice error={failure} />}
          <TextField
            label="E-mail"
            type="email"
            autoComplete="username"
            error={formState.errors.email?.message}
            hint="We send you a link to choose a new password."
            {...register('email', { required: 'Type your e-mail address.' })}
          />
          <Button
            type="submit"
            tone="primary"
            className="mt-2 w-full"
            isDisabled={formState.isSubmitting}
          >
            {formState.isSubmitting ? 'Sending…' : 'Send the link'}
          </Button>
        </form>
      )}
    </DoorFrame>
  );
}
