import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { answer } from '../../api/client';
import { fieldProblems } from '../../api/problem-places';
import type { Account } from '../../api/types';
import { fill } from '../../i18n/language';
import { Button } from '../../ui/button';
import { TextField } from '../../ui/field';
import { ErrorNotice } from '../../ui/notice';
import { say } from '../../ui/toast';
import { forgetOwn } from '../queries';
import { adminApi } from '../session/recovery';
import { words } from '../words/words';
import { Section } from './section';

/** The name, which is the owner's own; the address is changed by administrators. */
export function NameSection({ account }: { account: Account }) {
  const said = words().account.name;
  const queries = useQueryClient();
  const { register, handleSubmit, formState, setError, reset } = useForm({
    defaultValues: { name: account.name },
  });
  const [failure, setFailure] = useState<unknown>(null);
  const submit = handleSubmit(async body => {
    setFailure(null);
    try {
      const { data } = await answer(adminApi.PUT('/api/v1/auth/me', { body }));
      reset({ name: data.name });
      say(said.changed);
      forgetOwn(queries);
    } catch (error) {
      const { fields } = fieldProblems(error, ['name']);
      for (const { field, detail } of fields) setError(field, { message: detail });
      if (fields.length === 0) setFailure(error);
    }
  });
  const { errors, isSubmitting, isDirty } = formState;
  return (
    <Section title={said.title} about={fill(said.about, { email: account.email })}>
      <form onSubmit={submit} noValidate className="grid max-w-sm gap-4">
        {failure !== null && <ErrorNotice error={failure} />}
        <TextField
          label={said.label}
          hint={said.hint}
          autoComplete="name"
          maxLength={100}
          error={errors.name?.message}
          {...register('name', { required: said.type })}
        />
        <Button type="submit" className="justify-self-start" isDisabled={!isDirty || isSubmitting}>
          {isSubmitting ? said.changing : said.change}
        </Button>
      </form>
    </Section>
  );
}
