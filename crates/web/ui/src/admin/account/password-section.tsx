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
import { words } from '../words/words';
import { Section } from './section';

type Change = { current_password: string; password: string };

export function PasswordSection() {
  const said = words().account;
  const queries = useQueryClient();
  const { register, handleSubmit, formState, setError, reset } = useForm<Change>({
    defaultValues: { current_password: '', password: '' },
  });
  const [failure, setFailure] = useState<unknown>(null);
  const submit = handleSubmit(async body => {
    setFailure(null);
    try {
      await answer(adminApi.PUT('/api/v1/auth/password', { body }));
      say(said.password.changed);
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
    <Section title={said.password.title} about={said.password.about}>
      <form onSubmit={submit} noValidate className="grid max-w-sm gap-4">
        {failure !== null && <ErrorNotice error={failure} />}
        <TextField
          label={said.password.current}
          type="password"
          autoComplete="current-password"
          error={errors.current_password?.message}
          {...register('current_password', { required: said.type_your_password })}
        />
        <TextField
          label={said.password.new}
          type="password"
          autoComplete="new-password"
          hint={said.password.hint}
          error={errors.password?.message}
          {...register('password', { required: said.password.type_new })}
        />
        <Button type="submit" className="justify-self-start" isDisabled={isSubmitting}>
          {isSubmitting ? said.password.changing : said.password.change}
        </Button>
      </form>
    </Section>
  );
}
