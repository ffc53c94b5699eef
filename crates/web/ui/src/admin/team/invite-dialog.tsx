import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { answer } from '../../api/client';
import { fieldProblems } from '../../api/problem-places';
import type { Role } from '../../api/types';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { INPUT, TextField } from '../../ui/field';
import { ErrorNotice } from '../../ui/notice';
import { say } from '../../ui/toast';
import { forgetTeam } from '../queries';
import { adminApi } from '../session/recovery';

type Invitation = { email: string; name: string; role: Role };

/** Gives somebody an account; they choose a password by a link that is sent to them. */
export function InviteDialog({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const { register, handleSubmit, formState, setError } = useForm<Invitation>({
    defaultValues: { email: '', name: '', role: 'editor' },
  });
  const [failure, setFailure] = useState<unknown>(null);
  const submit = handleSubmit(async body => {
    setFailure(null);
    try {
      await answer(adminApi.POST('/api/v1/admin/accounts', { body }));
      say(`An invitation is on its way to ${body.email}.`);
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
    <Dialog isOpen title="Invite somebody" onClose={onClose}>
      <form onSubmit={submit} noValidate className="mt-4 grid gap-4">
        {failure !== null && <ErrorNotice error={failure} />}
        <TextField
          label="Name"
          error={errors.name?.message}
          {...register('name', { required: 'Type the name.' })}
        />
        <TextField
          label="E-mail"
          type="email"
          error={errors.email?.message}
          hint="They get a link to choose a password, which holds for 7 days."
          {...register('email', { required: 'Type the address.' })}
        />
        <label className="grid gap-1.5 text-sm font-medium text-ink-soft">
          Role
          <select className={`${INPUT} h-10 text-base text-ink`} {...register('role')}>
            <option value="viewer">Viewer: reads</option>
            <option value="editor">Editor: writes and publishes</option>
            <option value="admin">Admin: everything</option>
          </select>
        </label>
        <Button type="submit" tone="primary" className="mt-2" isDisabled={isSubmitting}>
          {isSubmitting ? 'Inviting…' : 'Invite'}
        </Button>
      </form>
    </Dialog>
  );
}
