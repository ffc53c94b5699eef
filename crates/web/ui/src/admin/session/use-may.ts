import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Role } from '../../api/types';
import { accountQuery, may } from './account';

/** Whether whoever is signed in has at least this role. What the server would refuse is not offered. */
export function useMay(least: Role): boolean {
  const { data: account } = useQuery(accountQuery);
  return may(account?.role, least);
}

/** Whether a view is only read. Whoever wrote in it goes on: when somebody else signs in over a text, it stays. */
export function useOnlyReads(): boolean {
  const { data: account } = useQuery(accountQuery);
  const mayWrite = may(account?.role, 'editor');
  const [wrote, setWrote] = useState(mayWrite);
  if (mayWrite && !wrote) setWrote(true);
  return account !== undefined && !wrote;
}
