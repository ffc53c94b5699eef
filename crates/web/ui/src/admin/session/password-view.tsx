import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { Link } from 'react-router';
import { isApiError } from '../../api/problem';
import { fieldProblems } from '../../api/problem-places';
import { Button } from '../../ui/button';
import { buttonClass } from '../../ui/button-class';
import { TextField } from '../../ui/field';
import { useLinkToken } from '../../ui/link-token';
import { ErrorNotice, Notice } from '../../ui/notice';
import { words } from '../words/words';
import { choosePassword } from './account';
import { DoorFrame } from './door-frame';

/** Where the links of invitations and of forgotten passwords lead. */
export function PasswordView() {
  const { choose: said, ...door } = words().door;
  const token = useLinkToken();
  const { register, handleSubmit, formState, setError } = useForm({
    defaultValues: { password: '' },
  });
  const [failure, setFailure] = useState<unknown>(null);
  const [chosen, setChosen] = useState(false);
  const submit = handleSubmit(async ({ password }) => {
    setFailure(null);
    try {
      await choosePassword({ token, password });
      setChosen(true);
    } catch (error) {
      const { fields } = fieldProblems(error, ['password']);
      for (const { field, detail } of fields) setError(field, { message: detail });
      if (fields.length === 0) setFailure(error);
    }
  });
  const links = [{ to: '/admin/login', label: door.sign_in }];

  if (token === '' || isApiError(failure, 'link-gone')) {
    return (
      <DoorFrame title={said.title} links={links}>
        <Notice
          title={door.link_gone}
          action={
            <Link to="/admin/forgotten" className={buttonClass('plain', 'small')}>
              {said.new_link}
            </Link>
          }
        >
          {said.gone_text}
        </Notice>
      </DoorFrame>
    );
  }
  if (chosen) {
    return (
      <DoorFrame title={said.title} links={[]}>
        <p role="status" className="mb-5">
          {said.chosen}
        </p>
        <Link to="/admin/login" className={buttonClass('primary')}>
          {door.sign_in}
        </Link>
      </DoorFrame>
    );
  }
  return (
    <DoorFrame title={said.title} links={links}>
      <form onSubmit={submit} noValidate className="grid gap-4">
        {failure !== null && <ErrorNotice error={failure} />}
        <TextField
          label={said.new}
          type="password"
          autoComplete="new-password"
          error={formState.errors.password?.message}
          hint={said.hint}
          {...register('password', { required: door.type_password })}
        />
        <Button
          type="submit"
          tone="primary"
          className="mt-2 w-full"
          isDisabled={formState.isSubmitting}
        >
          {formState.isSubmitting ? said.saving : said.save}
        </Button>
      </form>
    </DoorFrame>
  );
}
