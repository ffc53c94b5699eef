import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { answer } from '../../api/client';
import { fieldProblems } from '../../api/problem-places';
import { Button } from '../../ui/button';
import { TextField } from '../../ui/field';
import { ErrorNotice } from '../../ui/notice';
import { say } from '../../ui/toast';
import { forgetOwn } from '../queries';
import { adminApi } from '../session/recovery';
import { Section } from './section';

type Change = { current_password: string; password: string };

export function PasswordSection() {
  const queries = useQueryClient();
  const { register, handleSubmit, formState, setError, reset } = useForm<Change>({
    defaultValues: { current_password: '', password: '' },
  });
  const [failure, setFailure] = useState<unknown>(null);
  const submit = handleSubmit(async body => {
    setFailure(null);
    try {
      await answer(adminApi.PUT('/api/v1/auth/password', { body }));
      say('Your password is changed. Your other sessions have ended.');
      reset();
      forgetOwn(queries);
    } catch (error) {
      const { fields } = fieldProblems(error, ['current_password', 'password']);
      for (const { field, detail } of fields) setError(field, { message: detail });
      if (fields.length === 0) setFailure(error);
    }
  });
  const { errors, isSubmitting } = formState;
  return (
    <Section title="Password" about="A change ends your sessions everywhere else.">
      <form onSubmit={submit} noValidate className="grid max-w-sm gap-4">
        {failure !== null && <ErrorNotice error={failure} />}
        <TextField
          label="Current password"
          type="password"
          autoComplete="current-password"
          error={errors.current_password?.message}
          {...register('current_password', { required: 'Type your password.' })}
        />
        <TextField
          label="New password"
          type="password"
          autoComplete="new-password"
          hint="At least 12 characters."
          error={errors.password?.message}
          {...register('password', { required: 'Type the new password.' })}
        />
        <Button type="submit" className="justify-self-start" isDisabled={isSubmitting}>
          {isSubmitting ? 'Changing…' : 'Change the password'}
        </Button>
      </form>
    </Section>
  );
}
