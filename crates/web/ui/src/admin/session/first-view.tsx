import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { useNavigate } from 'react-router';
import { isApiError } from '../../api/problem';
import { fieldProblems } from '../../api/problem-places';
import { Button } from '../../ui/button';
import { TextField } from '../../ui/field';
import { useLinkToken } from '../../ui/link-token';
import { ErrorNotice, Notice } from '../../ui/notice';
import { say } from '../../ui/toast';
import { words } from '../words/words';
import { createFirst, type FirstAccount } from './account';
import { DoorFrame } from './door-frame';

/** Where the link leads that the server writes to its log while there is no account. */
export function FirstView() {
  const { first: said, ...door } = words().door;
  const token = useLinkToken();
  const navigate = useNavigate();
  const { register, handleSubmit, formState, setError } = useForm<FirstAccount>();
  const [failure, setFailure] = useState<unknown>(null);
  const submit = handleSubmit(async account => {
    setFailure(null);
    try {
      await createFirst({ ...account, token });
      say(said.made);
      navigate('/admin/login', { replace: true });
    } catch (error) {
      const { fields } = fieldProblems(error, ['email', 'name', 'password']);
      for (const { field, detail } of fields) setError(field, { message: detail });
      if (fields.length === 0) setFailure(error);
    }
  });
  const { errors, isSubmitting } = formState;
  return (
    <DoorFrame title={said.title} links={[{ to: '/admin/login', label: door.sign_in }]}>
      {token === '' || isApiError(failure, 'link-gone') ? (
        <Notice title={door.link_gone}>{said.gone_text}</Notice>
      ) : (
        <form onSubmit={submit} noValidate className="grid gap-4">
          {failure !== null && <ErrorNotice error={failure} />}
          <TextField
            label={said.name}
            autoComplete="name"
            hint={said.name_hint}
            error={errors.name?.message}
            {...register('name', { required: said.type_name })}
          />
          <TextField
            label={door.email}
            type="email"
            autoComplete="username"
            error={errors.email?.message}
            {...register('email', { required: door.type_email })}
          />
          <TextField
            label={door.password}
            type="password"
            autoComplete="new-password"
            hint={door.min_12}
            error={errors.password?.message}
            {...register('password', { required: door.type_password })}
          />
          <Button type="submit" tone="primary" className="mt-2 w-full" isDisabled={isSubmitting}>
            {isSubmitting ? said.making : said.make}
          </Button>
        </form>
      )}
    </DoorFrame>
  );
}
