import { useQuery } from '@tanstack/react-query';
import { fill } from '../../i18n/language';
import { Dialog } from '../../ui/dialog';
import { ErrorNotice } from '../../ui/notice';
import { Bone, Loading } from '../../ui/skeleton';
import { letterQuery } from '../queries';
import { words } from '../words/words';
import { LetterTexts } from './letter-texts';

/** A letter as programs show it, or what a post says. */
export function LetterDialog({ id, onClose }: { id: string | null; onClose: () => void }) {
  const said = words().outbox;
  const { data, error, refetch } = useQuery(letterQuery(id));
  return (
    <Dialog
      wide
      title={data?.texts?.subject ?? (data?.post ? said.post : said.letter)}
      isOpen={id !== null}
      onClose={onClose}
    >
      {error ? (
        <ErrorNotice error={error} onRetry={refetch} />
      ) : !data ? (
        <Loading what={said.the_letter}>
          <Bone className="h-40" />
        </Loading>
      ) : (
        <>
          <p className="text-sm">{fill(said.to_whom, { target: data.target })}</p>
          {data.last_error && (
            <p className="mt-1 text-sm break-words text-danger">{data.last_error}</p>
          )}
          {data.texts ? (
            <LetterTexts texts={data.texts} />
          ) : (
            <p className="mt-4 break-words whitespace-pre-wrap">{data.post ?? said.unknown_text}</p>
          )}
        </>
      )}
    </Dialog>
  );
}
