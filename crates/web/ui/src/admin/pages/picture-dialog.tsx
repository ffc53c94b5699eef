import { useInfiniteQuery } from '@tanstack/react-query';
import { ArrowLeft, Upload } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { FileTrigger } from 'react-aria-components';
import type { Media } from '../../api/types';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { TextField } from '../../ui/field';
import { useDebounced } from '../../ui/hooks';
import { LoadMore } from '../../ui/load-more';
import { ErrorNotice } from '../../ui/notice';
import { SearchBox } from '../../ui/search-box';
import { useDoomed } from '../media/deletions';
import { Thumbnail } from '../media/thumbnail';
import { ALL_MEDIA, mediaQuery } from '../queries';
import { useWords } from '../words/words';
import { wordsOf } from './markdown-edits';

type Props = {
  isOpen: boolean;
  onClose: () => void;
  onFiles: (files: FileList) => void;
  onPick: (media: Media, alt: string) => void;
};

/** Puts a file of the library, or a new one, into the text. */
export function PictureDialog({ isOpen, onClose, onFiles, onPick }: Props) {
  const said = useWords().editor;
  const [chosen, setChosen] = useState<Media | null>(null);
  const close = () => {
    setChosen(null);
    onClose();
  };
  // The text field takes the focus back only after the dialog has given it up.
  const closeAnd = (act: () => void) => {
    close();
    setTimeout(act);
  };
  const pick = (media: Media) => {
    if (media.media_type.startsWith('image/')) setChosen(media);
    else closeAnd(() => onPick(media, ''));
  };
  return (
    <Dialog wide title={said.insert_title} isOpen={isOpen} onClose={close}>
      {chosen ? (
        <Words
          media={chosen}
          onBack={() => setChosen(null)}
          onInsert={alt => closeAnd(() => onPick(chosen, alt))}
        />
      ) : (
        <Choices onFiles={files => closeAnd(() => onFiles(files))} onPick={pick} />
      )}
    </Dialog>
  );
}

type ChoicesProps = { onFiles: Props['onFiles']; onPick: (media: Media) => void };

function Choices({ onFiles, onPick }: ChoicesProps) {
  const said = useWords().editor;
  const [typed, setTyped] = useState('');
  const q = useDebounced(typed.trim(), 250);
  const library = useInfiniteQuery(mediaQuery({ ...ALL_MEDIA, q }));
  const doomed = useDoomed();
  const media = library.data?.pages.flatMap(part => part.items).filter(({ id }) => !doomed.has(id));
  return (
    <>
      <div className="mt-3 mb-4 flex flex-wrap items-center gap-3">
        <FileTrigger allowsMultiple onSelect={files => files && onFiles(files)}>
          <Button tone="primary">
            <Upload aria-hidden /> {said.upload}
          </Button>
        </FileTrigger>
        <SearchBox label={said.search_media} value={typed} onChange={setTyped} />
      </div>
      <div className="-mx-2 h-80 overflow-y-auto p-2">
        {library.isError && <ErrorNotice error={library.error} onRetry={library.refetch} />}
        {media?.length === 0 && <p className="py-16 text-center">{said.no_media}</p>}
        <ul aria-label={said.library} className="grid grid-cols-2 gap-3 sm:grid-cols-4">
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

type WordsProps = { media: Media; onBack: () => void; onInsert: (alt: string) => void };

/** What the picture shows on this page: the library has a proposal. */
function Words({ media, onBack, onInsert }: WordsProps) {
  const said = useWords().editor;
  const [alt, setAlt] = useState(media.alt || wordsOf(media.name));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onInsert(alt.trim());
  };
  return (
    <form onSubmit={submit} className="mt-4 grid gap-5 sm:grid-cols-[14rem_minmax(0,1fr)]">
      <div className="overflow-hidden rounded-lg border border-line max-sm:max-w-56">
        <Thumbnail media={media} />
      </div>
      <div className="flex flex-col gap-4">
        <TextField
          label={said.alt}
          hint={said.alt_hint}
          value={alt}
          autoFocus
          autoComplete="off"
          onChange={event => setAlt(event.target.value)}
        />
        <div className="mt-auto flex flex-wrap justify-end gap-2">
          <Button tone="quiet" onPress={onBack}>
            <ArrowLeft aria-hidden /> {said.other_file}
          </Button>
          <Button type="submit" tone="primary">
            {said.insert}
          </Button>
        </div>
      </div>
    </form>
  );
}
