import {
  ArrowLeft,
  CalendarClock,
  EllipsisVertical,
  ExternalLink,
  EyeOff,
  History,
  Languages,
  Link2,
  Megaphone,
  Tags,
  Trash2,
  Undo2,
} from 'lucide-react';
import { Link } from 'react-router';
import type { Page } from '../../api/types';
import { fill } from '../../i18n/language';
import { Button } from '../../ui/button';
import { buttonClass } from '../../ui/button-class';
import { formatDateTime } from '../../ui/format';
import { Menu, MenuItem } from '../../ui/menu';
import { useWords } from '../words/words';
import { SaveState, type SaveStateName } from './save-state';
import { StatusBadge } from './status-badge';
import type { Step } from './use-page-document';

/** What is said about a page in a dialog of its own. */
const DIALOGS = [
  'details',
  'schedule',
  'languages',
  'announcement',
  'preview-link',
  'revisions',
] as const;

export type PageDialog = (typeof DIALOGS)[number];

type Props = {
  page: Page | null;
  dirty: boolean;
  state: SaveStateName;
  running: Step | null;
  onStep: (step: Step) => void;
  onOpen: (dialog: PageDialog) => void;
};

export function EditorBar({ page, dirty, state, running, onStep, onOpen }: Props) {
  const said = useWords().editor;
  const published = page?.status === 'published';
  return (
    <div className="sticky top-0 z-10 flex flex-wrap items-center gap-x-3 gap-y-2 border-b border-line bg-paper px-3 py-2.5 sm:px-5">
      <Link to="/admin/pages" aria-label={said.all_pages} className={buttonClass('quiet', 'icon')}>
        <ArrowLeft aria-hidden />
      </Link>
      {page && <StatusBadge status={page.status} />}
      {page && <ScheduleNote page={page} />}
      {page?.has_draft && <span className="text-sm text-ink-soft">{said.waiting_draft}</span>}
      <SaveState state={state} />
      <div className="ml-auto flex flex-wrap items-center justify-end gap-2">
        <Button isDisabled={!dirty || running !== null} onPress={() => onStep('save')}>
          {said.save}
        </Button>
        {(!published || page.has_draft || dirty) && (
          <Button tone="primary" isDisabled={running !== null} onPress={() => onStep('publish')}>
            {published ? said.publish_changes : said.publish}
          </Button>
        )}
        {published && (
          <Link
            reloadDocument
            to={`/${page.live_slug ?? page.slug}`}
            className={buttonClass('plain', 'normal', 'max-sm:hidden')}
          >
            <ExternalLink aria-hidden /> {said.view}
          </Link>
        )}
        {page && (
          <Menu
            label={said.more}
            trigger={
              <Button tone="quiet" size="icon" aria-label={said.more}>
                <EllipsisVertical aria-hidden />
              </Button>
            }
            onAction={key => {
              const dialog = DIALOGS.find(one => one === key);
              if (dialog) onOpen(dialog);
              else if (key === 'discard' || key === 'unpublish' || key === 'delete') onStep(key);
            }}
          >
            <MenuItem id="details" icon={<Tags aria-hidden />}>
              {said.details}
            </MenuItem>
            <MenuItem id="schedule" icon={<CalendarClock aria-hidden />}>
              {said.schedule}
            </MenuItem>
            <MenuItem id="languages" icon={<Languages aria-hidden />}>
              {said.languages}
            </MenuItem>
            <MenuItem id="announcement" icon={<Megaphone aria-hidden />}>
              {said.announcement}
            </MenuItem>
            <MenuItem id="preview-link" icon={<Link2 aria-hidden />}>
              {said.preview_link}
            </MenuItem>
            <MenuItem id="revisions" icon={<History aria-hidden />}>
              {said.revisions}
            </MenuItem>
            {page.has_draft && (
              <MenuItem id="discard" icon={<Undo2 aria-hidden />}>
                {said.discard}
              </MenuItem>
            )}
            {published && (
              <MenuItem id="unpublish" icon={<EyeOff aria-hidden />}>
                {said.unpublish}
              </MenuItem>
            )}
            <MenuItem id="delete" danger icon={<Trash2 aria-hidden />}>
              {said.delete}
            </MenuItem>
          </Menu>
        )}
      </div>
    </div>
  );
}

function ScheduleNote({ page }: { page: Page }) {
  const said = useWords().editor;
  const { publish_at, unpublish_at } = page;
  const notes = [
    publish_at && fill(said.goes_public, { at: formatDateTime(publish_at) }),
    unpublish_at && fill(said.goes_away, { at: formatDateTime(unpublish_at) }),
  ].filter(Boolean);
  if (notes.length === 0) return null;
  return <span className="text-sm text-ink-soft">{notes.join(', ')}</span>;
}
