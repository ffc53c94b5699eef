import { useQueryClient } from '@tanstack/react-query';
import type { Page } from '../../api/types';
import { say } from '../../ui/toast';
import { forgetPages } from '../queries';
import { words } from '../words/words';
import { AnnouncementDialog } from './announcement-dialog';
import { DetailsDialog } from './details-dialog';
import type { PageDialog } from './editor-bar';
import { LanguageDialog } from './language-dialog';
import { PreviewLinkDialog } from './preview-link-dialog';
import { RevisionsDialog } from './revisions-dialog';
import { restorePage } from './saved-page';
import { ScheduleDialog } from './schedule-dialog';
import type { Apply } from './use-page-document';

type Props = {
  dialog: PageDialog | null;
  page: Page;
  dirty: boolean;
  apply: Apply;
  /** The text is another one now. */
  onRestored: (page: Page) => void;
  onClose: () => void;
};

/** What is changed of a page beside its text, and done with it. */
export function EditorDialogs({ dialog, page, dirty, apply, onRestored, onClose }: Props) {
  const queries = useQueryClient();
  const applied: Apply = async work => {
    const now = await apply(work);
    forgetPages(queries);
    return now;
  };
  const restore = async (revision: number) => {
    const now = await applied(base => restorePage(base, revision));
    onRestored(now.page);
    say(words().editor.restored);
  };
  if (dialog === 'details') return <DetailsDialog page={page} apply={applied} onClose={onClose} />;
  if (dialog === 'schedule') {
    return <ScheduleDialog page={page} apply={applied} onClose={onClose} />;
  }
  if (dialog === 'languages') {
    return (
      <LanguageDialog
        page={page}
        dirty={dirty}
        apply={applied}
        onChanged={onRestored}
        onClose={onClose}
      />
    );
  }
  if (dialog === 'announcement') return <AnnouncementDialog page={page} onClose={onClose} />;
  if (dialog === 'preview-link') {
    return <PreviewLinkDialog page={page} dirty={dirty} onClose={onClose} />;
  }
  if (dialog !== 'revisions') return null;
  return <RevisionsDialog page={page} dirty={dirty} onRestore={restore} onClose={onClose} />;
}
