import { type QueryClient, queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../api/client';
import type { Account, Role } from '../../api/types';
import { signWithPasskey } from './passkey';

export type Credentials = { email: string; password: string; code?: string };

export const accountQuery = queryOptions({
  queryKey: ['account'],
  queryFn: async ({ signal }) => (await answer(api.GET('/api/v1/auth/me', { signal }))).data,
  staleTime: Number.POSITIVE_INFINITY,
});

export async function signIn(body: Credentials): Promise<Account> {
  return (await answer(api.POST('/api/v1/auth/login', { body }))).data;
}

export async function signInWithPasskey(): Promise<Account> {
  const { options } = (await answer(api.POST('/api/v1/auth/passkey/options'))).data;
  const credential = await signWithPasskey(options);
  return (await answer(api.POST('/api/v1/auth/passkey', { body: { credential } }))).data;
}

export async function signOut(queries: QueryClient): Promise<void> {
  await answer(api.POST('/api/v1/auth/logout'));
  queries.removeQueries({
    predicate: query => ['account', 'admin'].includes(String(query.queryKey[0])),
  });
}

export async function askForLink(email: string): Promise<void> {
  await answer(api.POST('/api/v1/auth/forgotten', { body: { email } }));
}

export async function choosePassword(body: { token: string; password: string }): Promise<void> {
  await answer(api.POST('/api/v1/auth/password-link', { body }));
}

export type FirstAccount = { email: string; name: string; password: string };

export async function createFirst(body: FirstAccount & { token: string }): Promise<void> {
  await answer(api.POST('/api/v1/auth/first', { body }));
}

const ROLES: Role[] = ['viewer', 'editor', 'admin'];

/** Whether a role is at least `least`: the server decides, this says what is worth offering. */
export function may(role: Role | undefined, least: Role = 'viewer'): boolean {
  return role !== undefined && ROLES.indexOf(role) >= ROLES.indexOf(least);
}

/** Where to go after signing in: only ever inside the admin area. */
export function safeNext(next: string | null): string {
  return next && /^\/admin(\/|\?|$)/.test(next) ? next : '/admin';
}
