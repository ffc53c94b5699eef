import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { answer } from '../../api/client';
import type { Role } from '../../api/types';
import { may } from '../session/account';
import { adminApi } from '../session/recovery';
import { words } from '../words/words';
import { type Command, FOUND_ICONS } from './commands';

const OF_EACH = 5;

/** Fewer letters would find everything. */
export const LETTERS_LEAST = 2;

/** Pages, files and leads that the server finds: what it refuses to this role is not asked for. */
export const foundQuery = (q: string, role: Role | undefined) =>
  queryOptions({
    queryKey: ['admin', 'palette', q, role],
    queryFn: async ({ signal }) => {
      const asked = { params: { query: { q, limit: OF_EACH } }, signal };
      const [pages, media, leads] = await Promise.all([
        answer(adminApi.GET('/api/v1/admin/pages', asked)),
        answer(adminApi.GET('/api/v1/admin/media', asked)),
        may(role, 'editor') ? answer(adminApi.GET('/api/v1/admin/leads', asked)) : null,
      ]);
      return { pages: pages.data.items, media: media.data.items, leads: leads?.data.items ?? [] };
    },
    enabled: q.length >= LETTERS_LEAST,
    placeholderData: keepPreviousData,
    staleTime: 0,
    gcTime: 0,
  });

type Found = Awaited<ReturnType<NonNullable<ReturnType<typeof foundQuery>['queryFn']>>>;

export function commandsOf({ pages, media, leads }: Exclude<Found, symbol>): Command[] {
  return [
    ...pages.map(
      ({ id, title, slug }): Command => ({
        id: `page-${id}`,
        group: 'pages',
        label: title,
        hint: `/${slug}`,
        icon: FOUND_ICONS.pages,
        to: `/admin/pages/${id}`,
      }),
    ),
    ...media.map(
      ({ id, original_name, media_type }): Command => ({
        id: `media-${id}`,
        group: 'media',
        label: original_name,
        hint: media_type,
        icon: FOUND_ICONS.media,
        to: `/admin/media?file=${id}`,
      }),
    ),
    ...leads.map(
      ({ id, email, answers, form }): Command => ({
        id: `lead-${id}`,
        group: 'leads',
        label: email ?? answers[0]?.value ?? words().leads.no_answer,
        hint: form,
        icon: FOUND_ICONS.leads,
        to: `/admin/leads?lead=${id}`,
      }),
    ),
  ];
}
