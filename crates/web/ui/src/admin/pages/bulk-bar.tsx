import { Eye, EyeOff, Tag, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { PageRow } from '../../api/types';
import { counted } from '../../i18n/language';
import { Button } from '../../ui/button';
import { BulkBar } from '../bulk/bulk-bar';
import { TagDialog, tagsOf } from '../bulk/tag-dialog';
import { words } from '../words/words';
import type { Deed } from './use-bulk';

type Props = {
  pages: PageRow[];
  running: boolean;
  onDeed: (deed: Deed) => void;
  onClear: () => void;
};

/** What can be done to the chosen pages. */
export function PageBulkBar({ pages, running, onDeed, onClear }: Props) {
  const { pages: said, bulk } = words();
  const [tagging, setTagging] = useState(false);
  const isShown = (page: PageRow) => page.status === 'published';
  const retag = (deed: Deed) => {
    setTagging(false);
    onDeed(deed);
  };
  return (
    <BulkBar label={said.chosen_pages} count={counted(said.chosen, pages.length)} onClear={onClear}>
      <Button
        size="small"
        isDisabled={running || pages.every(page => isShown(page) && !page.has_draft)}
        onPress={() => onDeed({ action: 'publish' })}
      >
        <Eye aria-hidden /> {said.publish}
      </Button>
      <Button
        size="small"
        isDisabled={running || !pages.some(isShown)}
        onPress={() => onDeed({ action: 'unpublish' })}
      >
        <EyeOff aria-hidden /> {said.unpublish}
      </Button>
      <Button size="small" isDisabled={running} onPress={() => setTagging(true)}>
        <Tag aria-hidden /> {bulk.tag}
      </Button>
      <Button size="small" isDisabled={running} onPress={() => onDeed({ action: 'delete' })}>
        <Trash2 aria-hidden /> {bulk.delete}
      </Button>
      {tagging && (
        <TagDialog
          title={counted(said.tag_title, pages.length)}
          had={tagsOf(pages)}
          onAdd={tag => retag({ action: 'add-tag', tag })}
          onRemove={tag => retag({ action: 'remove-tag', tag })}
          onClose={() => setTagging(false)}
        />
      )}
    </BulkBar>
  );
}
