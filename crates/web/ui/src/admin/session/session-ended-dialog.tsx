import { useQueryClient } from '@tanstack/react-query';
import { Dialog } from '../../ui/dialog';
import { words } from '../words/words';
import { accountQuery } from './account';
import { answerSignIn, useSignInAsked } from './recovery';
import { SignInForm } from './sign-in-form';

/** Stands over the work instead of throwing it away. */
export function SessionEndedDialog() {
  const said = words().door;
  const asked = useSignInAsked();
  const queries = useQueryClient();
  return (
    <Dialog title={said.ended} isOpen={asked} onClose={() => answerSignIn(false)}>
      <p className="mb-5">{said.ended_text}</p>
      <SignInForm
        email={queries.getQueryData(accountQuery.queryKey)?.email}
        onSignedIn={account => {
          queries.setQueryData(accountQuery.queryKey, account);
          answerSignIn(true);
          // What is on the screen and failed meanwhile, the preview for one, gets its second chance.
          void queries.refetchQueries({
            type: 'active',
            predicate: query => query.state.status === 'error',
          });
        }}
      />
    </Dialog>
  );
}
