import { useQuery } from '@tanstack/react-query';
import type { Role } from '../../api/types';
import { accountQuery, may } from './account';

/** Whether whoever is signed in has at least this role. What the server would refuse is not offered. */
export function useMay(least: Role): boolean {
  const { data: account } = useQuery(accountQuery);
  return may(account?.role, least);
}
