import { useInfiniteQuery } from '@tanstack/react-query';
import { Upload } from 'lucide-react';
import type { ReactNode } from 'react';
import { DropZone, FileTrigger } from 'react-aria-components';
import { Button } from '../../ui/button';
import { LoadMore } from '../../ui/load-more';
import { ErrorNotice } from '../../ui/notice';
import { Bone, Loading } from '../../ui/skeleton';
import { useChosen } from '../bulk/use-chosen';
import { ALL_MEDIA, mediaQuery } from '../queries';
import { useMay } from '../session/use-may';
import { ViewBody, ViewHeader } from '../view-header';
import { useWords, words } from '../words/words';
import { useDoomed } from './deletions';
import { LibraryFilter } from './library-filter';
import { MediaBulkBar } from './media-bulk-bar';
import { MediaCard } from './media-card';
import { MediaPanel } from './media-panel';
import { QuotaBar } from './quota-bar';
import { UploadList } from './upload-list';
import { useUploadQueue } from './uploads-provider';
import { useLibraryPlace } from './use-library-place';

const GRID = 'grid grid-cols-2 gap-3 sm:grid-cols-3 sm:gap-4 xl:grid-cols-4';

export function LibraryView() {
  const said = useWords().library;
  const place = useLibraryPlace();
  const library = useInfiniteQuery(mediaQuery(place.filter));
  const uploads = useUploadQueue();
  const doomed = useDoomed();
  const mayWrite = useMay('editor');
  const { ids, choose, chooseNone } = useChosen();
  const media = library.data?.pages.flatMap(part => part.items).filter(({ id }) => !doomed.has(id));
  const chosen = media?.filter(({ id }) => ids.has(id)) ?? [];

  return (
    <ViewBody>
      <ViewHeader title={said.title}>
        {mayWrite && (
          <FileTrigger allowsMultiple onSelect={files => files && uploads.add(files)}>
            <Button tone="primary">
              <Upload aria-hidden /> {said.upload}
            </Button>
          </FileTrigger>
        )}
      </ViewHeader>
      <QuotaBar />
      <Drop onFiles={mayWrite ? uploads.add : undefined}>
        <UploadList uploads={uploads} placeOf={place.placeOf} />
        <LibraryFilter place={place} />
        {library.isError && !media ? (
          <ErrorNotice error={library.error} onRetry={library.refetch} />
        ) : !media ? (
          <GridSkeleton />
        ) : media.length === 0 ? (
          <Empty narrowed={JSON.stringify(place.filter) !== JSON.stringify(ALL_MEDIA)} />
        ) : (
          <div className={library.isPlaceholderData ? 'opacity-60 transition-opacity' : ''}>
            <ul aria-label={said.files} className={GRID}>
              {media.map(item => (
                <MediaCard
                  key={item.id}
                  media={item}
                  to={place.placeOf(item.id)}
                  choosing={mayWrite ? { isChosen: ids.has(item.id), onChoose: choose } : undefined}
                />
              ))}
            </ul>
            <LoadMore query={library} />
            {chosen.length > 0 && (
              <MediaBulkBar
                files={chosen}
                onChooseAll={() =>
                  choose(
                    media.map(({ id }) => id),
                    true,
                  )
                }
                onClear={chooseNone}
              />
            )}
          </div>
        )}
      </Drop>
      {place.opened && (
        <MediaPanel
          id={place.opened}
          siblings={media?.map(({ id }) => id) ?? []}
          onShow={place.show}
          onClose={place.close}
        />
      )}
    </ViewBody>
  );
}

type DropProps = { onFiles: ((files: Iterable<File>) => void) | undefined; children: ReactNode };

/** Files may be dropped anywhere on it. */
function Drop({ onFiles, children }: DropProps) {
  const said = useWords().library;
  if (!onFiles) return children;
  return (
    <DropZone
      aria-label={said.drop}
      getDropOperation={() => 'copy'}
      onDrop={async event => {
        const files = event.items.filter(item => item.kind === 'file');
        onFiles(await Promise.all(files.map(item => item.getFile())));
      }}
      className="-m-3 rounded-2xl border-2 border-dashed border-transparent p-2.5 transition-colors data-drop-target:border-accent data-drop-target:bg-accent-soft"
    >
      {children}
    </DropZone>
  );
}

function GridSkeleton() {
  return (
    <Loading what={words().library.the_library}>
      <div className={GRID}>
        {['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map(key => (
          <Bone key={key} className="aspect-[4/4.2] rounded-xl" />
        ))}
      </div>
    </Loading>
  );
}

function Empty({ narrowed }: { narrowed: boolean }) {
  const said = useWords().library;
  const mayWrite = useMay('editor');
  return (
    <div className="rounded-xl border border-dashed border-line-strong px-6 py-16 text-center">
      <p className="font-semibold">{narrowed ? said.no_match : said.empty}</p>
      <p className="mt-1 text-ink-soft">
        {narrowed ? said.no_match_text : mayWrite && said.empty_text}
      </p>
    </div>
  );
}
