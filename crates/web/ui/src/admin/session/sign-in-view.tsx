import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Navigate, useNavigate, useSearchParams } from 'react-router';
import { words } from '../words/words';
import { accountQuery, safeNext } from './account';
import { DoorFrame } from './door-frame';
import { SignInForm } from './sign-in-form';

export function SignInView() {
  const said = words().door;
  const [parameters] = useSearchParams();
  const next = safeNext(parameters.get('next'));
  const navigate = useNavigate();
  const queries = useQueryClient();
  const account = useQuery({ ...accountQuery, enabled: false });

  if (account.data) return <Navigate to={next} replace />;
  return (
    <DoorFrame
      title={said.sign_in}
      links={[
        { to: '/admin/forgotten', label: said.forgot },
        { to: '/', label: said.back },
      ]}
    >
      <SignInForm
        onSignedIn={signedIn => {
          queries.setQueryData(accountQuery.queryKey, signedIn);
          navigate(next, { replace: true });
        }}
      />
    </DoorFrame>
  );
}
