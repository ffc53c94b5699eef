import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { Link } from 'react-router';
import { isApiError } from '../../api/problem';
import { fieldProblems } from '../../api/problem-places';
import { Button } from '../../ui/button';
import { buttonClass } from '../../ui/button-class';
import { TextField } from '../../ui/field';
import { useLinkToken } from '../../ui/link-token';
import { ErrorNotice, Notice } from '../../ui/notice';
import { choosePassword } from './account';
import { DoorFrame } from './door-frame';

/** Where the links of invitations and of forgotten passwords lead. */
export function PasswordView() {
  const token = useLinkToken();
  const { register, handleSubmit, formState, setError } = useForm({
    defaultValues: { password: '' },
  });
  const [failure, setFailure] = useState<unknown>(null);
  const [chosen, setChosen] = useState(false);
  const submit = handleSubmit(async ({ password }) => {
    setFailure(null);
    try {
      await choosePassword({ token, password });
      setChosen(true);
    } catch (error) {
      const { fields } = fieldProblems(error, ['password']);
      for (const { field, detail } of fields) setError(field, { message: detail });
      if (fields.length === 0) setFailure(error);
    }
  });
  const links = [{ to: '/admin/login', label: 'Sign in' }];

  if (token === '' || isApiError(failure, 'link-gone')) {
    return (
      <DoorFrame title="Choose a password" links={links}>
        <Notice
          title="This link does not hold any more"
          action={
            <Link to="/admin/forgotten" className={buttonClass('plain', 'small')}>
              Send a new one
            </Link>
          }
        >
          It was used already, or has ended.
        </Notice>
      </DoorFrame>
    );
  }
  if (chosen) {
    return (
      <DoorFrame title="Choose a password" links={[]}>
        <p role="status" className="mb-5">
          Your password is set. Every session before it has ended.
        </p>
        <Link to="/admin/login" className={buttonClass('primary')}>
          Sign in
        </Link>
      </DoorFrame>
    );
  }
  return (
    <DoorFrame title="Choose a password" links={links}>
      <form onSubmit={submit} noValidate className="grid gap-4">
        {failure !== null && <ErrorNotice error={failure} />}
        <TextField
          label="New password"
          type="password"
          autoComplete="new-password"
          error={formState.errors.password?.message}
          hint="At least 12 characters. A few words that have nothing to do with each other are good."
          {...register('password', { required: 'Type a password.' })}
        />
        <Button
          type="submit"
          tone="primary"
          className="mt-2 w-full"
          isDisabled={formState.isSubmitting}
        >
          {formState.isSubmitting ? 'Saving…' : 'Save the password'}
        </Button>
      </form>
    </DoorFrame>
  );
}
