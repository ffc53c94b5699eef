import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { answer } from '../../api/client';
import { fieldProblems } from '../../api/problem-places';
import type { Passkey } from '../../api/types';
import { fill } from '../../i18n/language';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { TextField } from '../../ui/field';
import { ErrorNotice } from '../../ui/notice';
import { say } from '../../ui/toast';
import { forgetOwn } from '../queries';
import { adminApi } from '../session/recovery';
import { words } from '../words/words';

type Props = { passkey: Passkey; onClose: () => void };

export function RenamePasskeyDialog({ passkey, onClose }: Props) {
  const said = words().account.passkeys;
  const params = { path: { id: passkey.id } };
  return (
    <OneFieldDialog
      title={fill(said.rename_one, { name: passkey.name })}
      field={{ name: 'name', label: said.new_name, type: 'text', begin: passkey.name }}
      button={said.rename}
      onClose={onClose}
      work={name => answer(adminApi.PUT('/api/v1/auth/passkeys/{id}', { params, body: { name } }))}
      done={said.renamed}
    />
  );
}

export function RemovePasskeyDialog({ passkey, onClose }: Props) {
  const said = words().account.passkeys;
  const params = { path: { id: passkey.id } };
  return (
    <OneFieldDialog
      title={fill(said.remove_title, { name: passkey.name })}
      field={{
        name: 'password',
        label: words().account.your_password,
        type: 'password',
        begin: '',
      }}
      button={said.remove}
      onClose={onClose}
      work={password =>
        answer(adminApi.POST('/api/v1/auth/passkeys/{id}/remove', { params, body: { password } }))
      }
      done={said.removed}
    >
      <p className="mb-4">{said.remove_text}</p>
    </OneFieldDialog>
  );
}

type OneField = {
  title: string;
  field: { name: 'name' | 'password'; label: string; type: 'text' | 'password'; begin: string };
  button: string;
  work: (typed: string) => Promise<unknown>;
  done: string;
  onClose: () => void;
  children?: ReactNode;
};

function OneFieldDialog({ title, field, button, work, done, onClose, children }: OneField) {
  const queries = useQueryClient();
  const [typed, setTyped] = useState(field.begin);
  const [failure, setFailure] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setFailure(null);
    try {
      await work(typed);
      say(done);
      onClose();
      forgetOwn(queries);
    } catch (error) {
      setFailure(error);
      setBusy(false);
    }
  };
  const error = fieldProblems(failure, [field.name]).fields[0]?.detail;
  return (
    <Dialog title={title} isOpen onClose={onClose}>
      {children}
      <form onSubmit={submit} noValidate className="grid gap-4">
        {failure !== null && !error && <ErrorNotice error={failure} />}
        <TextField
          label={field.label}
          type={field.type}
          autoComplete={field.type === 'password' ? 'current-password' : 'off'}
          maxLength={field.type === 'text' ? 100 : undefined}
          autoFocus
          error={error}
          value={typed}
          onChange={event => setTyped(event.target.value)}
        />
        <div className="flex justify-end gap-2">
          <Button onPress={onClose}>{words().asking.cancel}</Button>
          <Button type="submit" tone="primary" isDisabled={busy || typed.trim() === ''}>
            {button}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
