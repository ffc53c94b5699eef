import { useState } from 'react';

/**
 * What stands behind the # of a link that came by mail. It is taken out of the address, so that neither the history
 * nor whoever looks over one's shoulder keeps it.
 */
export function useLinkToken(): string {
  const [token] = useState(() => location.hash.slice(1));
  if (location.hash) history.replaceState(history.state, '', location.pathname + location.search);
  return token;
}
