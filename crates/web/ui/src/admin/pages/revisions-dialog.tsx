import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Page, RevisionRow } from '../../api/types';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { formatAgo, formatDateTime } from '../../ui/format';
import { LoadMore } from '../../ui/load-more';
import { ErrorNotice } from '../../ui/notice';
import { Bone, Loading } from '../../ui/skeleton';
import { diffQuery, revisionsQuery } from '../queries';

const REASONS: Record<RevisionRow['reason'], string> = {
  created: 'Created',
  imported: 'Imported',
  edited: 'Edited',
  published: 'Published',
  unpublished: 'Unpublished',
  restored: 'Brought back',
};

type Props = {
  page: Page;
  /** Whether there is text that was not saved: bringing something back would overwrite it. */
  dirty: boolean;
  onRestore: (revision: number) => Promise<void>;
  onClose: () => void;
};

/** What the page was before, what each change did to it, and the way back. */
export function RevisionsDialog({ page, dirty, onRestore, onClose }: Props) {
  const list = useInfiniteQuery(revisionsQuery(page.id));
  const revisions = list.data?.pages.flatMap(part => part.items);
  const [chosen, setChosen] = useState(page.revision);
  const [failure, setFailure] = useState<unknown>(null);
  const [restoring, setRestoring] = useState(false);
  const restore = async () => {
    setRestoring(true);
    setFailure(null);
    try {
      await onRestore(chosen);
      onClose();
    } catch (error) {
      setFailure(error);
      setRestoring(false);
    }
  };
  return (
    <Dialog isOpen wide title="Revisions" onClose={onClose}>
      {failure !== null && <ErrorNotice error={failure} />}
      {list.isError && !revisions ? (
        <ErrorNotice error={list.error} onRetry={list.refetch} />
      ) : !revisions ? (
        <Loading what="the revisions">
          <Bone className="h-40" />
        </Loading>
      ) : (
        <div className="mt-4 grid gap-5 md:grid-cols-[15rem_minmax(0,1fr)]">
          <div className="max-h-48 overflow-y-auto md:max-h-[60vh]">
            <ul aria-label="Revisions" className="grid gap-1">
              {revisions.map(one => (
                <li key={one.revision}>
                  <RevisionButton
                    revision={one}
                    chosen={one.revision === chosen}
                    onChoose={() => setChosen(one.revision)}
                  />
                </li>
              ))}
            </ul>
            <LoadMore query={list} />
          </div>
          <div className="min-w-0">
            <Diff page={page.id} revision={chosen} />
            {chosen !== page.revision && (
              <div className="mt-4 flex flex-wrap items-center justify-end gap-3">
                {dirty && <p className="text-sm">Save first, so that nothing is lost.</p>}
                <Button tone="primary" isDisabled={dirty || restoring} onPress={restore}>
                  {restoring ? 'Bringing it back…' : 'Bring this one back'}
                </Button>
              </div>
            )}
          </div>
        </div>
      )}
    </Dialog>
  );
}

type RevisionProps = { revision: RevisionRow; chosen: boolean; onChoose: () => void };

function RevisionButton({ revision, chosen, onChoose }: RevisionProps) {
  const { reason, author, saved_at } = revision;
  return (
    <button
      type="button"
      aria-current={chosen ? 'true' : undefined}
      title={formatDateTime(saved_at)}
      onClick={onChoose}
      className="w-full cursor-pointer rounded-lg px-3 py-2 text-left hover:bg-sunken aria-[current=true]:bg-accent-soft"
    >
      <span className="block font-medium text-ink">{REASONS[reason]}</span>
      <span className="block text-sm">
        {formatAgo(saved_at)}
        {author && ` by ${author}`}
      </span>
    </button>
  );
}

/** What a revision changed, against the one before it. */
function Diff({ page, revision }: { page: string; revision: number }) {
  const diff = useQuery(diffQuery(page, revision));
  if (diff.isError) return <ErrorNotice error={diff.error} onRetry={diff.refetch} />;
  if (!diff.data) {
    return (
      <Loading what="what changed">
        <Bone className="h-40" />
      </Loading>
    );
  }
  if (diff.data.text === '') return <p>Nothing differs from the revision before.</p>;
  return (
    <section
      aria-label="What changed"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with the keyboard
      tabIndex={0}
      className="max-h-[50vh] overflow-auto rounded-lg border border-line font-mono text-sm"
    >
      {linesOf(diff.data.text).map(({ key, text, tone }) => (
        <p key={key} className={`px-3 break-words whitespace-pre-wrap ${tone}`}>
          {text || ' '}
        </p>
      ))}
    </section>
  );
}

const TONES: Record<string, string> = {
  '+': 'bg-good-soft text-good',
  '-': 'bg-danger-soft text-danger',
  '@': 'bg-sunken text-ink-faint',
};

/** The lines of a unified diff; its head, which names files, says nothing to a writer. */
function linesOf(diff: string) {
  return diff
    .replace(/\n$/, '')
    .split('\n')
    .map((text, index) => ({ key: index, text, tone: TONES[text.charAt(0)] ?? '' }))
    .filter(({ key, text }) => key > 1 || !/^(---|\+\+\+) /.test(text));
}
