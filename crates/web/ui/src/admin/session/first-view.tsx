import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { useNavigate } from 'react-router';
import { isApiError } from '../../api/problem';
import { fieldProblems } from '../../api/problem-places';
import { Button } from '../../ui/button';
import { TextField } from '../../ui/field';
import { useLinkToken } from '../../ui/link-token';
import { ErrorNotice, Notice } from '../../ui/notice';
import { say } from '../../ui/toast';
import { createFirst, type FirstAccount } from './account';
import { DoorFrame } from './door-frame';

/** Where the link leads that the server writes to its log while there is no account. */
export function FirstView() {
  const token = useLinkToken();
  const navigate = useNavigate();
  const { register, handleSubmit, formState, setError } = useForm<FirstAccount>();
  const [failure, setFailure] = useState<unknown>(null);
  const submit = handleSubmit(async account => {
    setFailure(null);
    try {
      await createFirst({ ...account, token });
      say('Your account is made. Sign in with it.');
      navigate('/admin/login', { replace: true });
    } catch (error) {
      const { fields } = fieldProblems(error, ['email', 'name', 'password']);
      for (const { field, detail } of fields) setError(field, { message: detail });
      if (fields.length === 0) setFailure(error);
    }
  });
  const { errors, isSubmitting } = formState;
  return (
    <DoorFrame title="The first account" links={[{ to: '/admin/login', label: 'Sign in' }]}>
      {token === '' || isApiError(failure, 'link-gone') ? (
        <Notice title="This link does not hold any more">
          The server writes a new one to its log at each start, while there is no account.
        </Notice>
      ) : (
        <form onSubmit={submit} noValidate className="grid gap-4">
          {failure !== null && <ErrorNotice error={failure} />}
          <TextField
            label="Name"
            autoComplete="name"
            hint="Pages show it as their author."
            error={errors.name?.message}
            {...register('name', { required: 'Type your name.' })}
          />
          <TextField
            label="E-mail"
            type="email"
            autoComplete="username"
            error={errors.email?.message}
            {...register('email', { required: 'Type your e-mail address.' })}
          />
          <TextField
            label="Password"
            type="password"
            autoComplete="new-password"
            hint="At least 12 characters."
            error={errors.password?.message}
            {...register('password', { required: 'Type a password.' })}
          />
          <Button type="submit" tone="primary" className="mt-2 w-full" isDisabled={isSubmitting}>
            {isSubmitting ? 'Making it…' : 'Make the account'}
          </Button>
        </form>
      )}
    </DoorFrame>
  );
}
