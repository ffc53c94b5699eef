import { useInfiniteQuery } from '@tanstack/react-query';
import { Upload } from 'lucide-react';
import { useState } from 'react';
import { FileTrigger } from 'react-aria-components';
import type { Media } from '../../api/types';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { useDebounced } from '../../ui/hooks';
import { LoadMore } from '../../ui/load-more';
import { ErrorNotice } from '../../ui/notice';
import { SearchBox } from '../../ui/search-box';
import { Thumbnail } from '../media/thumbnail';
import { mediaQuery } from '../queries';

type Props = {
  isOpen: boolean;
  onClose: () => void;
  onFiles: (files: FileList) => void;
  onPick: (media: Media) => void;
};

/** Puts a file of the library, or a new one, into the text. */
export function PictureDialog({ isOpen, onClose, onFiles, onPick }: Props) {
  // The text field takes the focus back only after the dialog has given it up.
  const closeAnd = (act: () => void) => {
    onClose();
    setTimeout(act);
  };
  return (
    <Dialog wide title="Insert a picture or file" isOpen={isOpen} onClose={onClose}>
      <Choices
        onFiles={files => closeAnd(() => onFiles(files))}
        onPick={media => closeAnd(() => onPick(media))}
      />
    </Dialog>
  );
}

function Choices({ onFiles, onPick }: Pick<Props, 'onFiles' | 'onPick'>) {
  const [typed, setTyped] = useState('');
  const library = useInfiniteQuery(mediaQuery(useDebounced(typed.trim(), 250)));
  const media = library.data?.pages.flatMap(part => part.items);
  return (
    <>
      <div className="mt-3 mb-4 flex flex-wrap items-center gap-3">
        <FileTrigger allowsMultiple onSelect={files => files && onFiles(files)}>
          <Button tone="primary">
            <Upload aria-hidden /> Upload
          </Button>
        </FileTrigger>
        <SearchBox label="Search media" value={typed} onChange={setTyped} />
      </div>
      <div className="-mx-2 h-80 overflow-y-auto p-2">
        {library.isError && <ErrorNotice error={library.error} onRetry={library.refetch} />}
        {media?.length === 0 && (
          <p className="py-16 text-center">The library has nothing like that yet.</p>
        )}
        <ul aria-label="Library" className="grid grid-cols-2 gap-3 sm:grid-cols-4">
          {media?.map(item => (
            <li key={item.id}>
              <button
                type="button"
                onClick={() => onPick(item)}
                className="block w-full overflow-hidden rounded-lg border border-line text-left hover:border-accent"
              >
                <Thumbnail media={item} />
                <span className="block truncate px-2.5 py-1.5 text-sm">{item.name}</span>
              </button>
            </li>
          ))}
        </ul>
        <LoadMore query={library} />
      </div>
    </>
  );
}
