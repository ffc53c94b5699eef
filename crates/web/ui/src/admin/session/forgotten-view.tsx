import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { Button } from '../../ui/button';
import { TextField } from '../../ui/field';
import { Filled } from '../../ui/filled';
import { ErrorNotice } from '../../ui/notice';
import { words } from '../words/words';
import { askForLink } from './account';
import { DoorFrame } from './door-frame';

/** For those who forgot their password. What it says afterwards is the same whether there is such an account or not. */
export function ForgottenView() {
  const { forgotten: said, ...door } = words().door;
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
    <DoorFrame title={door.forgot} links={[{ to: '/admin/login', label: door.sign_in }]}>
      {sentTo !== null ? (
        <p role="status">
          <Filled text={said.sent} values={{ email: <strong>{sentTo}</strong> }} />
        </p>
      ) : (
        <form onSubmit={submit} noValidate className="grid gap-4">
          {failure !== null && <ErrorNotice error={failure} />}
          <TextField
            label={door.email}
            type="email"
            autoComplete="username"
            error={formState.errors.email?.message}
            hint={said.hint}
            {...register('email', { required: door.type_email })}
          />
          <Button
            type="submit"
            tone="primary"
            className="mt-2 w-full"
            isDisabled={formState.isSubmitting}
          >
            {formState.isSubmitting ? said.sending : said.send}
          </Button>
        </form>
      )}
    </DoorFrame>
  );
}
