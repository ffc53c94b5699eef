import { type QueryClient, useMutation, useQueryClient } from '@tanstack/react-query';
import { answer } from '../../api/client';
import { isApiError } from '../../api/problem';
import { inOneLine } from '../../api/problem-places';
import type { Media } from '../../api/types';
import { counted } from '../../i18n/language';
import { say } from '../../ui/toast';
import { forgetMedia, mediaFileQuery } from '../queries';
import { adminApi } from '../session/recovery';
import { words } from '../words/words';
import { draftOf } from './media-draft';

/** A tag for many files, or one that is taken from them. */
export type Retag = { action: 'add-tag' | 'remove-tag'; tag: string };

/** So many files are changed at the same time. */
const AT_ONCE = 4;

const BY_ID = '/api/v1/admin/media/{id}';

async function put(base: Media, tags: string[]): Promise<void> {
  const params = { path: { id: base.id }, header: { 'If-Match': `"${base.revision}"` } };
  await answer(adminApi.PUT(BY_ID, { params, body: { ...draftOf(base), tags } }));
}

export const tagsAfter = (tags: string[], { action, tag }: Retag): string[] => {
  const others = tags.filter(one => one !== tag);
  return action === 'add-tag' ? [...others, tag].sort() : others;
};

async function retagOne(queries: QueryClient, media: Media, retag: Retag): Promise<void> {
  try {
    await put(media, tagsAfter(media.tags, retag));
  } catch (refusal) {
    // What else was said of the file meanwhile stays.
    if (!isApiError(refusal, 'precondition-failed')) throw refusal;
    const now = await queries.fetchQuery({ ...mediaFileQuery(media.id), staleTime: 0 });
    await put(now, tagsAfter(now.tags, retag));
  }
}

type Outcome = { changed: Media[]; problems: string[] };

/** Changes those of the files that it changes anything of. */
async function retagAll(queries: QueryClient, files: Media[], retag: Retag): Promise<Outcome> {
  const isAdding = retag.action === 'add-tag';
  const queue = files.filter(({ tags }) => tags.includes(retag.tag) !== isAdding);
  const outcome: Outcome = { changed: [], problems: [] };
  const work = async () => {
    for (let media = queue.shift(); media; media = queue.shift()) {
      try {
        await retagOne(queries, media, retag);
        outcome.changed.push(media);
      } catch (error) {
        outcome.problems.push(inOneLine(error));
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  forgetMedia(queries);
  return outcome;
}

/** Tags many files, with the way back. */
export function useRetag() {
  const queries = useQueryClient();
  const sayProblems = ([why, ...more]: string[]) => {
    if (why) say(counted(words().library.left_files, more.length + 1, { why }), 'danger');
  };
  return useMutation({
    mutationFn: ({ files, retag }: { files: Media[]; retag: Retag }) =>
      retagAll(queries, files, retag),
    onSuccess: ({ changed, problems }, { files, retag }) => {
      const back: Retag = {
        ...retag,
        action: retag.action === 'add-tag' ? 'remove-tag' : 'add-tag',
      };
      const undo = async () => {
        const now = changed.map(media => ({ ...media, tags: tagsAfter(media.tags, retag) }));
        sayProblems((await retagAll(queries, now, back)).problems);
      };
      const done = files.length - problems.length;
      if (done > 0) {
        say(counted(words().library.retagged[retag.action], done, { tag: retag.tag }), 'good', {
          ...(changed.length > 0 && { undo: () => void undo() }),
        });
      }
      sayProblems(problems);
    },
  });
}
