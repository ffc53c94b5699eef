import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useReducer, useRef } from 'react';
import { inOneLine } from '../../api/problem-places';
import { forgetMedia } from '../queries';
import { uploadFile } from './upload-file';
import { nextToStart, queueReducer, type Upload } from './upload-queue';

export function useUploads() {
  const [queue, dispatch] = useReducer(queueReducer, []);
  const queries = useQueryClient();
  const lastId = useRef(0);
  const started = useRef(new Set<number>());

  useEffect(() => {
    const send = async ({ id, file }: Upload) => {
      // An effect may run twice for the same queue; a file must not be sent twice for that.
      if (started.current.has(id)) return;
      started.current.add(id);
      dispatch({ type: 'started', id });
      try {
        await uploadFile(file, {
          onProgress: progress => dispatch({ type: 'progressed', id, progress }),
        });
        dispatch({ type: 'finished', id });
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
    retry: (id: number) => {
      started.current.delete(id);
      dispatch({ type: 'retried', id });
    },
    dismiss: () => dispatch({ type: 'dismissed' }),
  };
}
