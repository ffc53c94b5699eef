import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { answer } from '../../api/client';
import { fieldProblems } from '../../api/problem-places';
import type { Role } from '../../api/types';
import { fill } from '../../i18n/language';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { TextField } from '../../ui/field';
import { ErrorNotice } from '../../ui/notice';
import { say } from '../../ui/toast';
import { forgetTeam } from '../queries';
import { adminApi } from '../session/recovery';
import { words } from '../words/words';
import { RoleField } from './role-field';

type Invitation = { email: string; name: string; role: Role };

/** Gives somebody an account; they choose a password by a link that is sent to them. */
export function InviteDialog({ onClose }: { onClose: () => void }) {
  const said = words().team;
  const queries = useQueryClient();
  const { register, handleSubmit, formState, setError } = useForm<Invitation>({
    defaultValues: { email: '', name: '', role: 'editor' },
  });
  const [failure, setFailure] = useState<unknown>(null);
  const submit = handleSubmit(async body => {
    setFailure(null);
    try {
      await answer(adminApi.POST('/api/v1/admin/accounts', { body }));
      say(fill(said.invited_to, { email: body.email }));
      forgetTeam(queries);
      onClose();
    } catch (error) {
      const { fields } = fieldProblems(error, ['email', 'name']);
      for (const { field, detail } of fields) setError(field, { message: detail });
      if (fields.length === 0) setFailure(error);
    }
  });
  const { errors, isSubmitting } = formState;
  return (
    <Dialog isOpen title={said.invite_somebody} onClose={onClose}>
      <form onSubmit={submit} noValidate className="mt-4 grid gap-4">
        {failure !== null && <ErrorNotice error={failure} />}
        <TextField
          label={said.name}
          error={errors.name?.message}
          {...register('name', { required: said.type_name })}
        />
        <TextField
          label={said.email}
          type="email"
          error={errors.email?.message}
          hint={said.link_hint}
          {...register('email', { required: said.type_email })}
        />
        <RoleField {...register('role')} />
        <Button type="submit" tone="primary" className="mt-2" isDisabled={isSubmitting}>
          {isSubmitting ? said.inviting : said.invite}
        </Button>
      </form>
    </Dialog>
  );
}
