import { ListChecks, Tag, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { Media } from '../../api/types';
import { counted } from '../../i18n/language';
import { Button } from '../../ui/button';
import { BulkBar } from '../bulk/bulk-bar';
import { TagDialog, tagsOf } from '../bulk/tag-dialog';
import { useWords } from '../words/words';
import { useDeletion } from './deletions';
import { type Retag, useRetag } from './use-media-bulk';

type Props = {
  /** The chosen ones. */
  files: Media[];
  onChooseAll: () => void;
  onClear: () => void;
};

/** What can be done to the chosen files. */
export function MediaBulkBar({ files, onChooseAll, onClear }: Props) {
  const { library: said, bulk } = useWords();
  const [tagging, setTagging] = useState(false);
  const { mutate, isPending } = useRetag();
  const remove = useDeletion();
  const unused = files.filter(({ pages }) => pages === 0);
  const retag = (action: Retag['action'], tag: string) => {
    setTagging(false);
    // As the server keeps them.
    mutate({ files, retag: { action, tag: tag.toLowerCase() } }, { onSuccess: onClear });
  };
  return (
    <BulkBar label={said.chosen_files} count={counted(said.chosen, files.length)} onClear={onClear}>
      <Button size="small" tone="quiet" onPress={onChooseAll}>
        <ListChecks aria-hidden /> {said.choose_all}
      </Button>
      <Button size="small" isDisabled={isPending} onPress={() => setTagging(true)}>
        <Tag aria-hidden /> {bulk.tag}
      </Button>
      <Button
        size="small"
        isDisabled={isPending || unused.length === 0}
        onPress={() => {
          remove(unused, files.length - unused.length);
          onClear();
        }}
      >
        <Trash2 aria-hidden /> {bulk.delete}
      </Button>
      {tagging && (
        <TagDialog
          title={counted(said.tag_title, files.length)}
          had={tagsOf(files)}
          onAdd={tag => retag('add-tag', tag)}
          onRemove={tag => retag('remove-tag', tag)}
          onClose={() => setTagging(false)}
        />
      )}
    </BulkBar>
  );
}
