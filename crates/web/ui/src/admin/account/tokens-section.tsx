import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { answer } from '../../api/client';
import { fieldProblems, inOneLine } from '../../api/problem-places';
import type { Account, Area, Role } from '../../api/types';
import { Button } from '../../ui/button';
import { INPUT, TextField } from '../../ui/field';
import { formatAgo, formatDate } from '../../ui/format';
import { ErrorNotice } from '../../ui/notice';
import { say } from '../../ui/toast';
import { forgetOwn, tokensQuery } from '../queries';
import { may } from '../session/account';
import { adminApi } from '../session/recovery';
import { Section } from './section';

type Wanted = { name: string; role: Role; areas: Area[]; days: string };

const AREAS: Record<Area, string> = {
  pages: 'pages',
  media: 'media',
  leads: 'forms and leads',
  outbox: 'letters',
  team: 'team and audit log',
};

const DAY_MS = 24 * 3600 * 1000;

/** Tokens for programs. What signs in with one is shown once. */
export function TokensSection({ account }: { account: Account }) {
  const queries = useQueryClient();
  const tokens = useQuery(tokensQuery);
  const [fresh, setFresh] = useState<string | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const { register, handleSubmit, formState, setError, reset } = useForm<Wanted>({
    defaultValues: { name: '', role: 'viewer', areas: [], days: '90' },
  });
  const revoke = useMutation({
    mutationFn: (id: string) =>
      answer(adminApi.DELETE('/api/v1/auth/tokens/{id}', { params: { path: { id } } })),
    onSuccess: () => say('The token is revoked.'),
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
    <Section
      title="Tokens"
      about="For programs that use the API in your name, sent as “Authorization: Bearer …”."
    >
      {tokens.isError && <ErrorNotice error={tokens.error} onRetry={tokens.refetch} />}
      {tokens.data && tokens.data.length > 0 && (
        <ul aria-label="Tokens" className="mb-5 divide-y divide-line">
          {tokens.data.map(token => (
            <li key={token.id} className="flex items-center gap-4 py-3">
              <div className="min-w-0 flex-1">
                <p className="truncate font-medium">{token.name}</p>
                <p className="text-sm text-ink-faint">
                  {token.role}
                  {token.areas && ` for ${token.areas.map(area => AREAS[area]).join(', ')}`}, until{' '}
                  {formatDate(token.expires_at)},{' '}
                  {token.used_at
                    ? `used ${formatAgo(token.used_at)} from ${token.used_from}`
                    : 'never used'}
                </p>
              </div>
              <Button isDisabled={revoke.isPending} onPress={() => revoke.mutate(token.id)}>
                Revoke
              </Button>
            </li>
          ))}
        </ul>
      )}
      {fresh !== null && (
        <div role="status" className="mb-5 rounded-lg bg-good-soft p-4">
          <p>Copy the token now. It is not shown again.</p>
          <code className="mt-2 block break-all">{fresh}</code>
        </div>
      )}
      <form onSubmit={submit} noValidate className="grid max-w-sm gap-4">
        {failure !== null && <ErrorNotice error={failure} />}
        <TextField
          label="What it is for"
          error={formState.errors.name?.message}
          {...register('name', { required: 'Give it a name.' })}
        />
        <label className="grid gap-1.5 text-sm font-medium text-ink-soft">
          What it may do
          <select className={`${INPUT} h-10 text-base text-ink`} {...register('role')}>
            {(['viewer', 'editor', 'admin'] as const)
              .filter(role => may(account.role, role))
              .map(role => (
                <option key={role}>{role}</option>
              ))}
          </select>
        </label>
        <fieldset className="text-sm text-ink-soft">
          <legend className="mb-1.5 font-medium">Only for (nothing chosen: everything)</legend>
          <div className="flex flex-wrap gap-x-5 gap-y-2">
            {Object.entries(AREAS).map(([area, label]) => (
              <label key={area} className="flex items-center gap-2">
                <input type="checkbox" value={area} {...register('areas')} />
                {label}
              </label>
            ))}
          </div>
        </fieldset>
        <label className="grid gap-1.5 text-sm font-medium text-ink-soft">
          It ends after
          <select className={`${INPUT} h-10 text-base text-ink`} {...register('days')}>
            <option value="30">30 days</option>
            <option value="90">90 days</option>
            <option value="365">a year</option>
          </select>
        </label>
        <Button type="submit" className="justify-self-start" isDisabled={formState.isSubmitting}>
          Make a token
        </Button>
      </form>
    </Section>
  );
}
