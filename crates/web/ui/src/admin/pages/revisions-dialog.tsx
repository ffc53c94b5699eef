import { useInfiniteQuery } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useState } from 'react';
import type { Page, RevisionRow } from '../../api/types';
import { Button } from '../../ui/button';
import { Choice } from '../../ui/choice';
import { Dialog } from '../../ui/dialog';
import { formatAgo, formatDateTime } from '../../ui/format';
import { LoadMore } from '../../ui/load-more';
import { ErrorNotice } from '../../ui/notice';
import { Bone, Loading } from '../../ui/skeleton';
import { revisionsQuery } from '../queries';
import { useWords } from '../words/words';

const RevisionDiff = lazy(() =>
  import('./revision-diff').then(part => ({ default: part.RevisionDiff })),
);

type Props = {
  page: Page;
  /** Whether there is text that was not saved: bringing something back would overwrite it. */
  dirty: boolean;
  /** None: whoever is here may only look. */
  onRestore: ((revision: number) => Promise<void>) | undefined;
  onClose: () => void;
};

/** What the page was before, what each change did to it, and the way back. */
export function RevisionsDialog({ page, dirty, onRestore, onClose }: Props) {
  const said = useWords().editor;
  const list = useInfiniteQuery(revisionsQuery(page.id));
  const revisions = list.data?.pages.flatMap(part => part.items);
  const [chosen, setChosen] = useState(page.revision);
  const [against, setAgainst] = useState<'before' | 'now'>('before');
  const [failure, setFailure] = useState<unknown>(null);
  const [restoring, setRestoring] = useState(false);

  const at = revisions?.findIndex(({ revision }) => revision === chosen) ?? -1;
  const before = revisions?.[at + 1]?.revision ?? null;
  const isUnknown = before === null && list.hasNextPage;
  const { fetchNextPage } = list;
  useEffect(() => {
    if (isUnknown) void fetchNextPage();
  }, [isUnknown, fetchNextPage]);

  const restore = async () => {
    setRestoring(true);
    setFailure(null);
    try {
      await onRestore?.(chosen);
      onClose();
    } catch (error) {
      setFailure(error);
      setRestoring(false);
    }
  };
  const isPresent = chosen === page.revision;
  const states =
    against === 'now' && !isPresent
      ? { from: chosen, to: page.revision }
      : { from: before, to: chosen };
  return (
    <Dialog isOpen full title={said.revisions} onClose={onClose}>
      {failure !== null && <ErrorNotice error={failure} />}
      {list.isError && !revisions ? (
        <ErrorNotice error={list.error} onRetry={list.refetch} />
      ) : !revisions ? (
        <Waiting />
      ) : (
        <div className="mt-4 grid gap-5 md:grid-cols-[14rem_minmax(0,1fr)]">
          <div className="max-h-44 overflow-y-auto md:max-h-[68vh]">
            <ul aria-label={said.revisions} className="grid gap-1">
              {revisions.map(one => (
                <li key={one.revision}>
                  <RevisionButton
                    revision={one}
                    isPresent={one.revision === page.revision}
                    chosen={one.revision === chosen}
                    onChoose={() => setChosen(one.revision)}
                  />
                </li>
              ))}
            </ul>
            <LoadMore query={list} />
          </div>
          <div className="min-w-0">
            {!isPresent && (
              <div className="mb-3 flex flex-wrap items-center gap-3">
                <Choice
                  label={said.compare}
                  value={against}
                  onChange={setAgainst}
                  options={[
                    { value: 'before', label: said.compare_before },
                    { value: 'now', label: said.compare_now },
                  ]}
                  className="flex-wrap"
                />
                {onRestore && (
                  <div className="ml-auto flex flex-wrap items-center gap-3">
                    {dirty && <p className="text-sm">{said.save_first}</p>}
                    <Button tone="primary" isDisabled={dirty || restoring} onPress={restore}>
                      {restoring ? said.restoring : said.restore}
                    </Button>
                  </div>
                )}
              </div>
            )}
            <Suspense fallback={<Waiting />}>
              {isUnknown ? <Waiting /> : <RevisionDiff page={page.id} {...states} />}
            </Suspense>
          </div>
        </div>
      )}
    </Dialog>
  );
}

function Waiting() {
  const said = useWords().editor;
  return (
    <Loading what={said.the_revisions}>
      <Bone className="h-40 rounded-lg" />
    </Loading>
  );
}

type RevisionProps = {
  revision: RevisionRow;
  isPresent: boolean;
  chosen: boolean;
  onChoose: () => void;
};

function RevisionButton({ revision, isPresent, chosen, onChoose }: RevisionProps) {
  const said = useWords().editor;
  const { reason, author, saved_at } = revision;
  return (
    <button
      type="button"
      aria-current={chosen ? 'true' : undefined}
      title={formatDateTime(saved_at)}
      onClick={onChoose}
      className="w-full cursor-pointer rounded-lg px-3 py-2 text-left hover:bg-sunken aria-[current=true]:bg-accent-soft"
    >
      <span className="block font-medium text-ink">
        {said.reasons[reason]}
        {isPresent && <span className="font-normal text-ink-soft"> · {said.present}</span>}
      </span>
      <span className="block text-sm">
        {formatAgo(saved_at)}
        {author && ` · ${author}`}
      </span>
    </button>
  );
}
