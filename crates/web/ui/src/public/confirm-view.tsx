import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { answer, api } from '../api/client';
import { isApiError } from '../api/problem';
import { siteQuery } from '../api/public-queries';
import { buttonClass } from '../ui/button-class';
import { useArrivalFocus, useTitle } from '../ui/hooks';
import { useLinkToken } from '../ui/link-token';
import { ErrorNotice, Notice } from '../ui/notice';

/** Where the link leads that confirms an address. Opening it confirms nothing: programs that look into letters open links as well. */
export function ConfirmView() {
  const token = useLinkToken();
  const { data: site } = useQuery(siteQuery);
  const heading = useArrivalFocus<HTMLHeadingElement>();
  useTitle('Confirm your address', site?.title);
  const [failure, setFailure] = useState<unknown>(null);
  const [state, setState] = useState<'asked' | 'sending' | 'confirmed'>('asked');

  const confirm = async () => {
    setFailure(null);
    setState('sending');
    try {
      await answer(api.POST('/api/v1/leads/confirm', { body: { token } }));
      setState('confirmed');
    } catch (error) {
      setFailure(error);
      setState('asked');
    }
  };

  return (
    <div className="mx-auto max-w-[36rem] px-4 pt-12 sm:px-6 sm:pt-16">
      <h1 ref={heading} tabIndex={-1} className="mb-6 text-4xl font-bold">
        Confirm your address
      </h1>
      {token === '' || isApiError(failure, 'link-gone') ? (
        <Notice title="This link does not hold any more">Send the form once more.</Notice>
      ) : state === 'confirmed' ? (
        <p role="status">Thank you. Your address is confirmed.</p>
      ) : (
        <>
          {failure !== null && <ErrorNotice error={failure} />}
          <p className="mb-6">With a click you confirm that the address is yours.</p>
          <button
            type="button"
            className={buttonClass('primary')}
            disabled={state === 'sending'}
            onClick={confirm}
          >
            {state === 'sending' ? 'Confirming…' : 'Confirm the address'}
          </button>
        </>
      )}
    </div>
  );
}
