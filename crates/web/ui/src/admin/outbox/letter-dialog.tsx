import { useQuery } from '@tanstack/react-query';
import { Dialog } from '../../ui/dialog';
import { ErrorNotice } from '../../ui/notice';
import { Bone, Loading } from '../../ui/skeleton';
import { letterQuery } from '../queries';

/** A letter as programs show it that show text, or what a post says. */
export function LetterDialog({ id, onClose }: { id: string | null; onClose: () => void }) {
  const { data, error, refetch } = useQuery(letterQuery(id));
  return (
    <Dialog
      wide
      title={data?.texts?.subject ?? (data?.post ? 'Post' : 'Letter')}
      isOpen={id !== null}
      onClose={onClose}
    >
      {error ? (
        <ErrorNotice error={error} onRetry={refetch} />
      ) : !data ? (
        <Loading what="the letter">
          <Bone className="h-40" />
        </Loading>
      ) : (
        <>
          <p className="text-sm">To {data.target}</p>
          {data.last_error && (
            <p className="mt-1 text-sm break-words text-danger">{data.last_error}</p>
          )}
          <p className="mt-4 break-words whitespace-pre-wrap">
            {data.texts?.text ?? data.post ?? 'This version of the program does not know its text.'}
          </p>
        </>
      )}
    </Dialog>
  );
}
