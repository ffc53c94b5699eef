import { useState } from 'react';
import { isApiError } from '../api/problem';
import type { Thanks } from '../api/types';
import { useLinkToken } from '../ui/link-token';
import { ErrorNotice, Notice } from '../ui/notice';
import { words } from '../words/words';
import { Given } from './given';
import { ask } from './server';

/** Where the link leads that confirms an address. Opening it confirms nothing: programs that look into letters open links as well. */
export function ConfirmView() {
  const token = useLinkToken();
  const [failure, setFailure] = useState<unknown>(null);
  const [isSending, setSending] = useState(false);
  const [thanks, setThanks] = useState<Thanks | null>(null);
  const text = words();

  const confirm = async () => {
    setFailure(null);
    setSending(true);
    try {
      setThanks(await ask<Thanks>('/api/v1/leads/confirm', { body: { token } }));
    } catch (error) {
      setFailure(error);
    }
    setSending(false);
  };

  return (
    <div className="narrow">
      <h1 tabIndex={-1}>{text.confirm_title}</h1>
      {token === '' || isApiError(failure, 'link-gone') ? (
        <Notice title={text.link_gone}>{text.link_gone_form}</Notice>
      ) : thanks ? (
        <div role="status" className="thanks">
          <p>{text.confirmed}</p>
          <Given thanks={thanks} />
        </div>
      ) : (
        <div className="form">
          {failure !== null && <ErrorNotice error={failure} />}
          <p>{text.confirm_text}</p>
          <button
            type="button"
            className="button button-primary"
            disabled={isSending}
            onClick={confirm}
          >
            {isSending ? text.confirming : text.confirm}
          </button>
        </div>
      )}
    </div>
  );
}
