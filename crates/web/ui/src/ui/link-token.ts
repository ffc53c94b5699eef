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
  const [token] = useState(() => (stays ? given() || kept() : location.hash.slice(1)));
  useEffect(() => {
    const path = location.pathname + location.search;
    if (!stays) {
      history.replaceState(history.state, '', path);
      return undefined;
    }
    history.replaceState({ linkToken: token }, '', given() ? path : undefined);
    // A link to a heading of the same page makes an entry that knows nothing.
    const keep = (): void => {
      if (location.pathname + location.search === path && !kept())
        history.replaceState({ linkToken: token }, '');
    };
    addEventListener('hashchange', keep);
    return () => removeEventListener('hashchange', keep);
  }, [stays, token]);
  return token;
}

/** A token has a dot, between its number and its secret; the id of a heading has none. */
const given = (): string => (location.hash.includes('.') ? location.hash.slice(1) : '');

function kept(): string {
  const state = history.state as { linkToken?: unknown } | null;
  return typeof state?.linkToken === 'string' ? state.linkToken : '';
}
