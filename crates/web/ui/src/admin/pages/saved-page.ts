import { answer } from '../../api/client';
import type { Page, PageLanguage, Schedule, Seo } from '../../api/types';
import { adminApi } from '../session/recovery';

/** A page as the server has it, with the tag that says which version that was. */
export type SavedPage = { page: Page; etag: string };

/** What a person edits. */
export type Draft = { title: string; slug: string; summary: string; body: string };

const EMPTY: Draft = { title: '', slug: '', summary: '', body: '' };

export function draftOf(page: Page | undefined): Draft {
  if (!page) return EMPTY;
  const { title, slug, summary, body } = page;
  return { title, slug, summary, body };
}

export function sameDraft(a: Draft, b: Draft): boolean {
  return a.title === b.title && a.slug === b.slug && a.summary === b.summary && a.body === b.body;
}

async function saved(call: Parameters<typeof answer<Page>>[0]): Promise<SavedPage> {
  const { data, etag } = await answer<Page>(call);
  return { page: data, etag: etag ?? `"${data.revision}"` };
}

const BY_ID = '/api/v1/admin/pages/{id}';

/** The version the change is meant for: the server refuses it when there is a newer one. */
const only = ({ page, etag }: SavedPage) => ({
  path: { id: page.id },
  header: { 'If-Match': etag },
});

export const fetchPage = (id: string, signal?: AbortSignal) =>
  saved(adminApi.GET(BY_ID, { params: { path: { id } }, ...(signal && { signal }) }));

export const createPage = (draft: Draft) =>
  saved(adminApi.POST('/api/v1/admin/pages', { body: draft }));

/** With `autosave` it is a working copy: the next save takes its place among the revisions. */
export const updatePage = (base: SavedPage, draft: Draft, autosave: boolean) =>
  saved(adminApi.PUT(BY_ID, { params: only(base), body: { ...draft, autosave } }));

/** What is told about a page beside it; its text stays as the server has it. */
export const updateDetails = (base: SavedPage, details: { tags: string[]; seo: Seo }) =>
  saved(adminApi.PUT(BY_ID, { params: only(base), body: { ...draftOf(base.page), ...details } }));

export const schedulePage = (base: SavedPage, body: Schedule) =>
  saved(adminApi.PUT(`${BY_ID}/schedule`, { params: only(base), body }));

/** With its language the page changes its address. */
export const setLanguage = (base: SavedPage, body: PageLanguage) =>
  saved(adminApi.PUT(`${BY_ID}/language`, { params: only(base), body }));

/** A draft in another language, with the text of this page to begin with. */
export const createTranslation = (
  { id, title, summary, body, tags }: Page,
  language: string | null,
) =>
  saved(
    adminApi.POST('/api/v1/admin/pages', {
      body: { title, summary, body, tags, language, translation_of: id },
    }),
  );

/** Brings title, summary and text of an earlier state back, as a new one. */
export const restorePage = (base: SavedPage, revision: number) => {
  const { path, header } = only(base);
  const params = { path: { ...path, revision }, header };
  return saved(adminApi.POST(`${BY_ID}/revisions/{revision}/restore`, { params }));
};

export const publishPage = (base: SavedPage) =>
  saved(adminApi.POST(`${BY_ID}/publish`, { params: only(base) }));

/** Throws away what was saved since the page was published. */
export const discardDraft = (base: SavedPage) =>
  saved(adminApi.DELETE(`${BY_ID}/draft`, { params: only(base) }));

export const unpublishPage = (base: SavedPage) =>
  saved(adminApi.POST(`${BY_ID}/unpublish`, { params: only(base) }));

export async function deletePage(base: SavedPage): Promise<void> {
  await answer(adminApi.DELETE(BY_ID, { params: only(base) }));
}
