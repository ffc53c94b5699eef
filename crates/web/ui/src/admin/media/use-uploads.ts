import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useReducer, useRef } from 'react';
import { inOneLine } from '../../api/problem-places';
import { forgetMedia } from '../queries';
import { keepAfterAll } from './deletions';
import { type Sending, sendFile } from './send-file';
import { nextToStart, queueReducer, type Upload } from './upload-queue';

/** The files that are being sent, some at a time. */
export function useUploads() {
  const [queue, dispatch] = useReducer(queueReducer, []);
  const queries = useQueryClient();
  const lastId = useRef(0);
  const sendings = useRef(new Map<number, Sending>());

  useEffect(() => {
    const send = async ({ id, file }: Upload) => {
      // An effect may run twice for the same queue; a file must not be sent twice for that.
      if (sendings.current.has(id)) return;
      const sending = sendFile(file, {
        onProgress: progress => dispatch({ type: 'progressed', id, progress }),
        onStalled: stalled => dispatch({ type: 'stalled', id, stalled }),
      });
      sendings.current.set(id, sending);
      dispatch({ type: 'started', id });
      try {
        const { media, duplicate } = await sending.sent;
        keepAfterAll(media.id);
        dispatch({ type: 'finished', id, media, duplicate });
        forgetMedia(queries);
      } catch (error) {
        dispatch({ type: 'failed', id, problem: inOneLine(error) });
      }
    };
    for (const upload of nextToStart(queue)) void send(upload);
  }, [queue, queries]);

  return {
    queue,
    add: (files: Iterable<File>) =>
      dispatch({
        type: 'added',
        files: Array.from(files, file => {
          lastId.current += 1;
          return { id: lastId.current, file };
        }),
      }),
    pause: (id: number) => {
      sendings.current.get(id)?.pause();
      dispatch({ type: 'paused', id });
    },
    resume: (id: number) => {
      sendings.current.get(id)?.resume();
      dispatch({ type: 'resumed', id });
    },
    cancel: (id: number) => {
      sendings.current.get(id)?.cancel();
      dispatch({ type: 'cancelled', id });
    },
    retry: (id: number) => {
      sendings.current.delete(id);
      dispatch({ type: 'retried', id });
    },
    dismiss: () => dispatch({ type: 'dismissed' }),
  };
}
