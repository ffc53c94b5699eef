import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { answer } from '../../api/client';
import { isApiError } from '../../api/problem';
import { inOneLine } from '../../api/problem-places';
import type { Media, MediaWithUses } from '../../api/types';
import { useUnloadWarning } from '../../ui/hooks';
import { say } from '../../ui/toast';
import { forgetMedia, mediaFileQuery } from '../queries';
import { adminApi } from '../session/recovery';
import { draftOf, type Edits, onlyChanges, without } from './media-draft';

/** It is saved when nothing was changed for this long. */
const SETTLED_MS = 700;

const BY_ID = '/api/v1/admin/media/{id}';

/**
 * Saves what is said of a file by itself: a moment after the last change, and when the file is left. Where somebody else
 * changed it meanwhile, only the own changes are put on top of theirs.
 */
export function useMediaEdit(media: MediaWithUses) {
  const queries = useQueryClient();
  const [edits, setEdits] = useState<Edits>({});
  const isHere = useRef(true);

  const put = async (base: Media, changes: Edits) => {
    const params = { path: { id: base.id }, header: { 'If-Match': `"${base.revision}"` } };
    const body = { ...draftOf(base), ...changes };
    return (await answer(adminApi.PUT(BY_ID, { params, body }))).data;
  };

  const { mutate, isPending, isError, error, reset } = useMutation({
    scope: { id: `media ${media.id}` },
    mutationFn: async (changes: Edits) => {
      const query = mediaFileQuery(media.id);
      try {
        return await put(queries.getQueryData(query.queryKey) ?? media, changes);
      } catch (refusal) {
        if (!isApiError(refusal, 'precondition-failed')) throw refusal;
        return put(await queries.fetchQuery(query), changes);
      }
    },
    onSuccess: (saved, sent) => {
      queries.setQueryData(
        mediaFileQuery(media.id).queryKey,
        before => before && { ...before, ...saved },
      );
      setEdits(now => without(now, sent));
      forgetMedia(queries);
    },
    onError: failure => {
      if (!isHere.current) say(`${media.name}: ${inOneLine(failure)}`, 'danger');
    },
  });

  const changes = onlyChanges(edits, media);
  const isDirty = Object.keys(changes).length > 0;
  const save = useEffectEvent(() => {
    // What was refused is not sent again by itself until it is another change, which resets the error.
    if (isDirty && !isError) mutate(changes);
  });

  // biome-ignore lint/correctness/useExhaustiveDependencies: each change begins the wait anew
  useEffect(() => {
    if (isPending) return;
    const timer = setTimeout(save, SETTLED_MS);
    return () => clearTimeout(timer);
  }, [edits, isPending]);

  const saveAtLast = useRef(() => {});
  saveAtLast.current = () => isDirty && mutate(changes);
  useEffect(() => {
    isHere.current = true;
    return () => {
      isHere.current = false;
      saveAtLast.current();
    };
  }, []);
  useUnloadWarning(isDirty);

  return {
    draft: { ...draftOf(media), ...edits },
    change: (part: Edits) => {
      reset();
      setEdits(before => ({ ...before, ...part }));
    },
    error: isError ? error : null,
    retry: () => mutate(changes),
    state: isPending ? 'saving' : isError ? 'failed' : isDirty ? 'waiting' : 'saved',
  } as const;
}
