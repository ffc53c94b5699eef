import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { answer } from '../../api/client';
import { fieldProblems } from '../../api/problem-places';
import type { Passkey } from '../../api/types';
import { fill } from '../../i18n/language';
import { Button } from '../../ui/button';
import { TextField } from '../../ui/field';
import { ErrorNotice, Notice } from '../../ui/notice';
import { Bone, Loading } from '../../ui/skeleton';
import { say } from '../../ui/toast';
import { forgetOwn, passkeysQuery } from '../queries';
import { deviceProblem, hasPasskeys, makePasskey } from '../session/passkey';
import { adminApi } from '../session/recovery';
import { words } from '../words/words';
import { PasskeyLine } from './access-lines';
import { RemovePasskeyDialog, RenamePasskeyDialog } from './passkey-dialogs';
import { RecoveryCodes } from './recovery-codes';
import { Section } from './section';

type Wanted = { name: string; password: string };
type Open = { dialog: 'rename' | 'remove'; passkey: Passkey };

/** Passkeys: what signs in without a password. */
export function PasskeysSection() {
  const said = words().account.passkeys;
  const passkeys = useQuery(passkeysQuery);
  const [codes, setCodes] = useState<string[] | null>(null);
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  return (
    <Section title={said.title} about={said.about}>
      {passkeys.isError ? (
        <ErrorNotice error={passkeys.error} onRetry={passkeys.refetch} />
      ) : !passkeys.data ? (
        <Loading what={said.the_passkeys}>
          <Bone className="h-16" />
        </Loading>
      ) : (
        passkeys.data.length > 0 && (
          <ul aria-label={said.title} className="mb-5 divide-y divide-line">
            {passkeys.data.map(passkey => (
              <PasskeyLine key={passkey.id} passkey={passkey}>
                <div className="flex gap-2">
                  <Button
                    aria-label={fill(said.rename_one, { name: passkey.name })}
                    onPress={() => setOpen({ dialog: 'rename', passkey })}
                  >
                    {said.rename}
                  </Button>
                  <Button
                    aria-label={fill(said.remove_one, { name: passkey.name })}
                    onPress={() => setOpen({ dialog: 'remove', passkey })}
                  >
                    {said.remove}
                  </Button>
                </div>
              </PasskeyLine>
            ))}
          </ul>
        )
      )}
      {codes ? (
        <RecoveryCodes codes={codes} onKept={() => setCodes(null)} />
      ) : hasPasskeys() ? (
        <AddPasskey onCodes={setCodes} />
      ) : (
        <p className="text-ink-soft">{said.not_here}</p>
      )}
      {open?.dialog === 'rename' && <RenamePasskeyDialog passkey={open.passkey} onClose={close} />}
      {open?.dialog === 'remove' && <RemovePasskeyDialog passkey={open.passkey} onClose={close} />}
    </Section>
  );
}

function AddPasskey({ onCodes }: { onCodes: (codes: string[]) => void }) {
  const { passkeys: said, ...ofAccount } = words().account;
  const queries = useQueryClient();
  const { register, handleSubmit, formState, setError, reset } = useForm<Wanted>({
    defaultValues: { name: '', password: '' },
  });
  const [failure, setFailure] = useState<unknown>(null);
  const submit = handleSubmit(async ({ name, password }) => {
    setFailure(null);
    try {
      const begin = adminApi.POST('/api/v1/auth/passkeys/options', { body: { password } });
      const credential = await makePasskey((await answer(begin)).data.options);
      const keep = adminApi.POST('/api/v1/auth/passkeys', { body: { name, credential } });
      const { recovery_codes } = (await answer(keep)).data;
      say(said.added);
      if (recovery_codes) onCodes(recovery_codes);
      reset();
      forgetOwn(queries);
    } catch (error) {
      const { fields } = fieldProblems(error, ['name', 'password']);
      for (const { field, detail } of fields) setError(field, { message: detail });
      if (fields.length === 0) setFailure(error);
    }
  });
  const { errors, isSubmitting } = formState;
  const ofDevice = deviceProblem(failure);
  return (
    <form onSubmit={submit} noValidate className="grid max-w-sm gap-4">
      {ofDevice ? <Notice title={ofDevice} /> : failure !== null && <ErrorNotice error={failure} />}
      <TextField
        label={said.call_it}
        hint={said.call_it_hint}
        maxLength={100}
        error={errors.name?.message}
        {...register('name', { required: ofAccount.give_name })}
      />
      <TextField
        label={ofAccount.your_password}
        type="password"
        autoComplete="current-password"
        error={errors.password?.message}
        {...register('password', { required: ofAccount.type_your_password })}
      />
      <Button type="submit" className="justify-self-start" isDisabled={isSubmitting}>
        {isSubmitting ? said.waiting : said.add}
      </Button>
    </form>
  );
}
