import { useState } from 'react';
import { isApiError } from '../api/problem';
import { useLinkToken } from '../ui/link-token';
import { ErrorNotice, Notice } from '../ui/notice';
import { words } from '../words/words';
import { ask } from './server';

/** Where the link leads that confirms an address. Opening it confirms nothing: programs that look into letters open links as well. */
export function ConfirmView() {
  const token = useLinkToken();
  const [failure, setFailure] = useState<unknown>(null);
  const [state, setState] = useState<'asked' | 'sending' | 'confirmed'>('asked');
  const text = words();

  const confirm = async () => {
    setFailure(null);
    setState('sending');
    try {
      await ask('/api/v1/leads/confirm', { body: { token } });
      setState('confirmed');
    } catch (error) {
      setFailure(error);
      setState('asked');
    }
  };

  return (
    <div className="narrow">
      <h1 tabIndex={-1}>{text.confirm_title}</h1>
      {token === '' || isApiError(failure, 'link-gone') ? (
        <Notice title={text.link_gone}>{text.link_gone_form}</Notice>
      ) : state === 'confirmed' ? (
        <p role="status">{text.confirmed}</p>
      ) : (
        <div className="form">
          {failure !== null && <ErrorNotice error={failure} />}
          <p>{text.confirm_text}</p>
          <button
            type="button"
            className="button button-primary"
            disabled={state === 'sending'}
            onClick={confirm}
          >
            {state === 'sending' ? text.confirming : text.confirm}
          </button>
        </div>
      )}
    </div>
  );
}
