import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, Navigate, useNavigate, useSearchParams } from 'react-router';
import { siteQuery } from '../../api/public-queries';
import { useTitle } from '../../ui/hooks';
import { Logo } from '../../ui/logo';
import { ThemeButton } from '../../ui/theme-button';
import { accountQuery, safeNext } from './account';
import { SignInForm } from './sign-in-form';

export function SignInView() {
  const [parameters] = useSearchParams();
  const next = safeNext(parameters.get('next'));
  const navigate = useNavigate();
  const queries = useQueryClient();
  const { data: site } = useQuery(siteQuery);
  const account = useQuery({ ...accountQuery, enabled: false });
  useTitle('Sign in', site?.title);

  if (account.data) return <Navigate to={next} replace />;
  return (
    <main className="relative isolate grid min-h-dvh place-items-center overflow-hidden px-4 py-12">
      <div aria-hidden="true" className="field-lines absolute inset-0 -z-10 text-ink/[0.07]" />
      <div className="absolute top-4 right-4">
        <ThemeButton />
      </div>
      <div className="w-full max-w-sm">
        <div className="mb-8 grid justify-items-center gap-4 text-center">
          <Logo className="size-12" />
          <div>
            <h1 className="text-2xl font-bold">Sign in</h1>
            <p className="mt-1 min-h-6 text-ink-soft">{site?.title}</p>
          </div>
        </div>
        <div className="rounded-2xl border border-line bg-surface p-6 shadow-float sm:p-7">
          <SignInForm
            onSignedIn={signedIn => {
              queries.setQueryData(accountQuery.queryKey, signedIn);
              navigate(next, { replace: true });
            }}
          />
        </div>
        <p className="mt-6 text-center text-sm">
          <Link to="/" className="text-ink-faint underline-offset-4 hover:text-ink hover:underline">
            Back to the site
          </Link>
        </p>
      </div>
    </main>
  );
}
