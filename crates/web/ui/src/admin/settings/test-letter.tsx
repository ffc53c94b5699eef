import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { answer } from '../../api/client';
import { fieldProblems } from '../../api/problem-places';
import { fill } from '../../i18n/language';
import { Button } from '../../ui/button';
import { TextField } from '../../ui/field';
import { ErrorNotice } from '../../ui/notice';
import { Section } from '../account/section';
import { accountQuery } from '../session/account';
import { adminApi } from '../session/recovery';
import { words } from '../words/words';

/** A letter to see whether letters arrive, with the settings that are saved. */
export function TestLetter() {
  const said = words().settings.test;
  const { data: account } = useQuery(accountQuery);
  const [typed, setTyped] = useState<string | null>(null);
  const to = typed ?? account?.email ?? '';
  const send = useMutation({
    mutationFn: async () =>
      (await answer(adminApi.POST('/api/v1/admin/letters/test', { body: { to } }))).data,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!send.isPending) send.mutate();
  };
  const refused = fieldProblems(send.error, ['to']).fields[0]?.detail;
  return (
    <Section title={said.title} about={said.about}>
      <form onSubmit={submit} noValidate className="flex flex-wrap items-start gap-3">
        <TextField
          label={said.to}
          type="email"
          className="min-w-0 flex-1 basis-56"
          value={to}
          error={refused}
          onChange={event => setTyped(event.target.value)}
        />
        <Button type="submit" className="mt-6.5" isDisabled={send.isPending}>
          {send.isPending ? said.sending : said.send}
        </Button>
      </form>
      {send.error && !refused && <ErrorNotice error={send.error} />}
      <p role="status" className={`mt-3 break-words ${send.data?.delivered ? '' : 'text-danger'}`}>
        {send.data &&
          fill(send.data.delivered ? said.taken : said.refused, { detail: send.data.detail })}
      </p>
    </Section>
  );
}
