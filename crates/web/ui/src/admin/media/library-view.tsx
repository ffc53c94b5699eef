import { useInfiniteQuery } from '@tanstack/react-query';
import { Upload } from 'lucide-react';
import { useState } from 'react';
import { DropZone, FileTrigger } from 'react-aria-components';
import type { Media } from '../../api/types';
import { Button } from '../../ui/button';
import { useDebounced } from '../../ui/hooks';
import { LoadMore } from '../../ui/load-more';
import { ErrorNotice } from '../../ui/notice';
import { SearchBox } from '../../ui/search-box';
import { Bone, Loading } from '../../ui/skeleton';
import { LeaveGuard } from '../leave-guard';
import { mediaQuery } from '../queries';
import { ViewBody, ViewHeader } from '../view-header';
import { DeleteMediaDialog } from './delete-media-dialog';
import { MediaCard } from './media-card';
import { UploadList } from './upload-list';
import { useUploads } from './use-uploads';

const GRID = 'grid grid-cols-2 gap-3 sm:grid-cols-3 sm:gap-4 xl:grid-cols-4';

export function LibraryView() {
  const [typed, setTyped] = useState('');
  const q = useDebounced(typed.trim(), 250);
  const library = useInfiniteQuery(mediaQuery(q));
  const uploads = useUploads();
  const [doomed, setDoomed] = useState<Media | null>(null);
  const media = library.data?.pages.flatMap(part => part.items);

  return (
    <ViewBody>
      <ViewHeader title="Media">
        <FileTrigger allowsMultiple onSelect={files => files && uploads.add(files)}>
          <Button tone="primary">
            <Upload aria-hidden /> Upload files
          </Button>
        </FileTrigger>
      </ViewHeader>
      <DropZone
        aria-label="Drop files here to upload them"
        getDropOperation={() => 'copy'}
        onDrop={async event => {
          const files = event.items.filter(item => item.kind === 'file');
          uploads.add(await Promise.all(files.map(item => item.getFile())));
        }}
        className="group -m-3 rounded-2xl border-2 border-dashed border-transparent p-2.5 transition-colors data-drop-target:border-accent data-drop-target:bg-accent-soft"
      >
        <UploadList queue={uploads.queue} onRetry={uploads.retry} onDismiss={uploads.dismiss} />
        <div className="mb-4 flex flex-wrap items-center gap-x-4 gap-y-2">
          <SearchBox label="Search media" value={typed} onChange={setTyped} />
          <p className="text-sm text-ink-faint max-sm:hidden">
            Drop files anywhere here to upload them.
          </p>
        </div>
        {library.isError && !media ? (
          <ErrorNotice error={library.error} onRetry={library.refetch} />
        ) : !media ? (
          <GridSkeleton />
        ) : media.length === 0 ? (
          <Empty searched={q !== ''} />
        ) : (
          <div className={library.isPlaceholderData ? 'opacity-60 transition-opacity' : ''}>
            <ul aria-label="Files" className={GRID}>
              {media.map(item => (
                <MediaCard key={item.id} media={item} onDelete={() => setDoomed(item)} />
              ))}
            </ul>
            <LoadMore query={library} />
          </div>
        )}
      </DropZone>
      <DeleteMediaDialog media={doomed} onClose={() => setDoomed(null)} />
      <LeaveGuard
        active={uploads.queue.some(
          upload => upload.state === 'waiting' || upload.state === 'sending',
        )}
        title="Leave while files are being sent?"
        text="The files that are not uploaded yet will be missing."
      />
    </ViewBody>
  );
}

function GridSkeleton() {
  return (
    <Loading what="the library">
      <div className={GRID}>
        {['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map(key => (
          <Bone key={key} className="aspect-[4/3.9] rounded-xl" />
        ))}
      </div>
    </Loading>
  );
}

function Empty({ searched }: { searched: boolean }) {
  return (
    <div className="rounded-xl border border-dashed border-line-strong px-6 py-16 text-center">
      <p className="font-semibold">{searched ? 'No file matches' : 'No files yet'}</p>
      <p className="mt-1 text-ink-soft">
        {searched
          ? 'Try another part of the name.'
          : 'Drop pictures and other files here, or choose them with the button above.'}
      </p>
    </div>
  );
}
