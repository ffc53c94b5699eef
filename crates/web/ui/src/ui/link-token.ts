import { useEffect, useState } from 'react';

/**
 * What stands behind the # of a link that came by mail. It is taken out of the address, so that neither the history
 * nor whoever looks over one's shoulder keeps it. Not before the view is there: a view that waits for its code is
 * begun twice.
 *
 * `stays`: where it opens nothing but what is to be seen, this entry of the history goes on knowing it, so that Reload
 * and Back show the same again.
 */
export function useLinkToken(stays = false): string {
  const [token] = useState(() => location.hash.slice(1) || (stays ? tokenOf(history.state) : ''));
  useEffect(() => {
    const state: unknown = stays ? { linkToken: token } : history.state;
    history.replaceState(state, '', location.pathname + location.search);
  }, [stays, token]);
  return token;
}

const tokenOf = (state: { linkToken?: unknown } | null): string =>
  typeof state?.linkToken === 'string' ? state.linkToken : '';
