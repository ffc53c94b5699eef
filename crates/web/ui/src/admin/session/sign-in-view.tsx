import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Navigate, useNavigate, useSearchParams } from 'react-router';
import { accountQuery, safeNext } from './account';
import { DoorFrame } from './door-frame';
import { SignInForm } from './sign-in-form';

export function SignInView() {
  const [parameters] = useSearchParams();
  const next = safeNext(parameters.get('next'));
  const navigate = useNavigate();
  const queries = useQueryClient();
  const account = useQuery({ ...accountQuery, enabled: false });

  if (account.data) return <Navigate to={next} replace />;
  return (
    <DoorFrame
      title="Sign in"
      links={[
        { to: '/admin/forgotten', label: 'Forgot your password?' },
        { to: '/', label: 'Back to the site' },
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
