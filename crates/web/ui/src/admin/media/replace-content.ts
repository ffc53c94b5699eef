import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { answer } from '../../api/client';
import { isApiError } from '../../api/problem';
import { inOneLine } from '../../api/problem-places';
import type { FocalPoint, Media } from '../../api/types';
import { fill } from '../../i18n/language';
import { say } from '../../ui/toast';
import { forgetMedia, forgetPages, mediaFileQuery } from '../queries';
import { adminApi, adminApiTelling } from '../session/recovery';
import { words } from '../words/words';
import { draftOf } from './media-draft';

const BY_ID = '/api/v1/admin/media/{id}';

/** Gives a file another content, wherever it is shown. */
type OnProgress = (fraction: number) => void;

async function putContent(base: Media, file: File, onProgress: OnProgress): Promise<Media> {
  const body = new FormData();
  body.append('file', file);
  const params = { path: { id: base.id }, header: { 'If-Match': `"${base.revision}"` } };
  const call = adminApiTelling(onProgress).PUT(`${BY_ID}/content`, {
    params,
    body: body as never,
    bodySerializer: form => form,
  });
  return (await answer(call)).data;
}

async function putFocalPoint(base: Media, focal_point: FocalPoint): Promise<Media> {
  const params = { path: { id: base.id }, header: { 'If-Match': `"${base.revision}"` } };
  const body = { ...draftOf(base), focal_point };
  return (await answer(adminApi.PUT(BY_ID, { params, body }))).data;
}

/** Content and focal point belong together: another picture has its interest elsewhere. */
export type Content = { file: File; focal_point: FocalPoint };

/** Replaces a file, and tells how much of it is sent, from 0 to 1. The server forgets the former content, so it is fetched before, for the way back. */
export function useReplacement() {
  const queries = useQueryClient();
  return async (media: Media, content: Content, onProgress: OnProgress = ignore) => {
    const former = { file: await fetchContent(media), focal_point: media.focal_point };
    const replaced = await swap(queries, media, content, onProgress);
    say(fill(words().library.replaced, { name: media.name }), 'good', {
      undo: async () => {
        try {
          await swap(queries, replaced, former, ignore);
        } catch (error) {
          say(inOneLine(error), 'danger');
        }
      },
    });
  };
}

const ignore: OnProgress = () => {};

async function swap(
  queries: QueryClient,
  base: Media,
  { file, focal_point }: Content,
  onProgress: OnProgress,
) {
  const query = mediaFileQuery(base.id);
  const newest = async () => queries.fetchQuery(query);
  try {
    let media = await putContent(base, file, onProgress).catch(async refusal => {
      // What was said of the file meanwhile is no reason against another content.
      if (!isApiError(refusal, 'precondition-failed')) throw refusal;
      return putContent(await newest(), file, onProgress);
    });
    if (JSON.stringify(media.focal_point) !== JSON.stringify(focal_point)) {
      media = await putFocalPoint(media, focal_point);
    }
    queries.setQueryData(query.queryKey, before => before && { ...before, ...media });
    return media;
  } finally {
    forgetMedia(queries);
    forgetPages(queries);
  }
}

async function fetchContent({ url, original_name, media_type }: Media): Promise<File> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`the content of ${url} is not there`);
  return new File([await response.blob()], original_name, { type: media_type });
}
