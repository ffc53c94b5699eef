import { useEffect, useState } from 'react';

/**
 * What stands behind the # of a link that came by mail. It is taken out of the address, so that neither the history
 * nor whoever looks over one's shoulder keeps it. Not before the view is there: a view that waits for its code is
 * begun twice.
 */
export function useLinkToken(): string {
  const [token] = useState(() => location.hash.slice(1));
  useEffect(() => {
    history.replaceState(history.state, '', location.pathname + location.search);
  }, []);
  return token;
}
