import { type FormEvent, useState } from 'react';
import { fieldProblems } from '../../api/problem-places';
import type { AccountDetail, AccountUpdate, Role } from '../../api/types';
import { Button } from '../../ui/button';
import { TextField } from '../../ui/field';
import { ErrorNotice } from '../../ui/notice';
import { say } from '../../ui/toast';
import { words } from '../words/words';
import { RoleField } from './role-field';
import { useAccountChange } from './use-account-change';

type Fields = Pick<AccountUpdate, 'name' | 'email' | 'role'>;

/** Name, address and role. What was not typed here is as the server has it, also when somebody else changes it meanwhile. */
export function AccountForm({ account }: { account: AccountDetail }) {
  const said = words().team;
  const [typed, setTyped] = useState<Partial<Fields>>({});
  const save = useAccountChange(account);
  const { name, email, role }: Fields = { ...account, ...typed };
  const isChanged = name !== account.name || email !== account.email || role !== account.role;
  const isWhole = name.trim() !== '' && email.trim() !== '';
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isChanged || !isWhole || save.isPending) return;
    save.mutate(
      { name, email, role },
      {
        onSuccess: () => {
          setTyped({});
          say(said.saved);
        },
      },
    );
  };
  const { fields } = fieldProblems(save.error, ['name', 'email']);
  const problemOf = (field: 'name' | 'email') =>
    fields.find(problem => problem.field === field)?.detail;
  const change = (fresh: Partial<Fields>) => setTyped(before => ({ ...before, ...fresh }));
  return (
    <form onSubmit={submit} noValidate className="grid gap-4">
      {save.isError && fields.length === 0 && <ErrorNotice error={save.error} />}
      <TextField
        label={said.name}
        maxLength={100}
        autoComplete="off"
        value={name}
        error={problemOf('name')}
        onChange={event => change({ name: event.target.value })}
      />
      <TextField
        label={said.email}
        type="email"
        maxLength={254}
        autoComplete="off"
        value={email}
        error={problemOf('email')}
        hint={said.email_hint}
        onChange={event => change({ email: event.target.value })}
      />
      <RoleField value={role} onChange={event => change({ role: event.target.value as Role })} />
      <Button
        type="submit"
        tone="primary"
        className="justify-self-start"
        isDisabled={!isChanged || !isWhole || save.isPending}
      >
        {save.isPending ? said.saving : said.save}
      </Button>
    </form>
  );
}
