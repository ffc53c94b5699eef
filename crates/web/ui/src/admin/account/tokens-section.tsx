import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { answer } from '../../api/client';
import { fieldProblems, inOneLine } from '../../api/problem-places';
import type { Account, Area, Role } from '../../api/types';
import { Button } from '../../ui/button';
import { INPUT, TextField } from '../../ui/field';
import { ErrorNotice } from '../../ui/notice';
import { say } from '../../ui/toast';
import { forgetOwn, tokensQuery } from '../queries';
import { may } from '../session/account';
import { adminApi } from '../session/recovery';
import { words } from '../words/words';
import { TokenLine } from './access-lines';
import { Section } from './section';

type Wanted = { name: string; role: Role; areas: Area[]; days: string };

const AREAS: Area[] = ['pages', 'media', 'leads', 'outbox', 'team'];

const DAYS = { month: '30', quarter: '90', year: '365' } as const;

const DAY_MS = 24 * 3600 * 1000;

/** Tokens for programs. What signs in with one is shown once. */
export function TokensSection({ account }: { account: Account }) {
  const { tokens: said, ...ofAccount } = words().account;
  const queries = useQueryClient();
  const tokens = useQuery(tokensQuery);
  const [fresh, setFresh] = useState<string | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const { register, handleSubmit, formState, setError, reset } = useForm<Wanted>({
    defaultValues: { name: '', role: 'viewer', areas: [], days: DAYS.quarter },
  });
  const revoke = useMutation({
    mutationFn: (id: string) =>
      answer(adminApi.DELETE('/api/v1/auth/tokens/{id}', { params: { path: { id } } })),
    onSuccess: () => say(said.revoked),
    onError: error => say(inOneLine(error), 'danger'),
    onSettled: () => forgetOwn(queries),
  });
  const submit = handleSubmit(async ({ name, role, areas, days }) => {
    setFailure(null);
    try {
      const expires_at = new Date(Date.now() + Number(days) * DAY_MS).toISOString();
      const body = { name, role, expires_at, ...(areas.length > 0 && { areas }) };
      const call = adminApi.POST('/api/v1/auth/tokens', { body });
      setFresh((await answer(call)).data.secret);
      reset();
      forgetOwn(queries);
    } catch (error) {
      const { fields } = fieldProblems(error, ['name', 'role']);
      for (const { field, detail } of fields) setError(field, { message: detail });
      if (fields.length === 0) setFailure(error);
    }
  });
  return (
    <Section title={said.title} about={said.about}>
      {tokens.isError && <ErrorNotice error={tokens.error} onRetry={tokens.refetch} />}
      {tokens.data && tokens.data.length > 0 && (
        <ul aria-label={said.title} className="mb-5 divide-y divide-line">
          {tokens.data.map(token => (
            <TokenLine key={token.id} token={token}>
              <Button isDisabled={revoke.isPending} onPress={() => revoke.mutate(token.id)}>
                {said.revoke}
              </Button>
            </TokenLine>
          ))}
        </ul>
      )}
      {fresh !== null && (
        <div role="status" className="mb-5 rounded-lg bg-good-soft p-4">
          <p>{said.copy_now}</p>
          <code className="mt-2 block break-all">{fresh}</code>
        </div>
      )}
      <form onSubmit={submit} noValidate className="grid max-w-sm gap-4">
        {failure !== null && <ErrorNotice error={failure} />}
        <TextField
          label={said.what_for}
          error={formState.errors.name?.message}
          {...register('name', { required: ofAccount.give_name })}
        />
        <label className="grid gap-1.5 text-sm font-medium text-ink-soft">
          {said.may}
          <select className={`${INPUT} h-10 text-base text-ink`} {...register('role')}>
            {(['viewer', 'editor', 'admin'] as const)
              .filter(role => may(account.role, role))
              .map(role => (
                <option key={role} value={role}>
                  {words().roles[role]}
                </option>
              ))}
          </select>
        </label>
        <fieldset className="text-sm text-ink-soft">
          <legend className="mb-1.5 font-medium">{said.only_for}</legend>
          <div className="flex flex-wrap gap-x-5 gap-y-2">
            {AREAS.map(area => (
              <label key={area} className="flex items-center gap-2">
                <input type="checkbox" value={area} {...register('areas')} />
                {said.areas[area]}
              </label>
            ))}
          </div>
        </fieldset>
        <label className="grid gap-1.5 text-sm font-medium text-ink-soft">
          {said.ends_after}
          <select className={`${INPUT} h-10 text-base text-ink`} {...register('days')}>
            {(['month', 'quarter', 'year'] as const).map(time => (
              <option key={time} value={DAYS[time]}>
                {said.days[time]}
              </option>
            ))}
          </select>
        </label>
        <Button type="submit" className="justify-self-start" isDisabled={formState.isSubmitting}>
          {said.make}
        </Button>
      </form>
    </Section>
  );
}
