import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useState } from 'react';
import { useForm, useWatch } from 'react-hook-form';
import { useNavigate } from 'react-router';
import { fieldProblems } from '../../api/problem-places';
import { fill } from '../../i18n/language';
import { useTitle } from '../../ui/hooks';
import { ErrorNotice } from '../../ui/notice';
import { say } from '../../ui/toast';
import { LeaveGuard } from '../leave-guard';
import { forgetPages } from '../queries';
import { useArrivalFocus } from '../router-hooks';
import { useWords, words } from '../words/words';
import { ConflictDialog } from './conflict-dialog';
import { EditorBar, type PageDialog } from './editor-bar';
import { EditorDialogs } from './editor-dialogs';
import { EditorFields } from './editor-fields';
import { EditorPanes } from './editor-panes';
import type { SaveStateName } from './save-state';
import { type Draft, draftOf, fetchPage, restorePage, type SavedPage } from './saved-page';
import { slugProblem } from './slug';
import { useAutosave } from './use-autosave';
import { takeBack, wayBack } from './use-bulk';
import { type Done, type Step, usePageDocument } from './use-page-document';

const FIELDS = ['title', 'slug', 'summary', 'body'] as const;

type Props = { initial: SavedPage | null; onCreated?: (id: string) => void };

export function PageEditor({ initial, onCreated }: Props) {
  const said = useWords().editor;
  const queries = useQueryClient();
  const navigate = useNavigate();
  const form = useForm<Draft>({ defaultValues: draftOf(initial?.page) });
  const draft = useWatch({ control: form.control }) as Draft;
  const [failure, setFailure] = useState<unknown>(null);
  const [failing, setFailing] = useState(false);
  const [refused, setRefused] = useState<Draft | null>(null);
  const [dialog, setDialog] = useState<PageDialog | null>(null);
  const heading = useArrivalFocus<HTMLHeadingElement>();

  const page = usePageDocument({
    initial,
    onSaved: (now, done) => {
      setFailing(false);
      // The server may have tidied a value; what was typed while it answered is newer than either. Under the hands of
      // somebody who types, nothing changes.
      if (!done.byItself) {
        for (const field of FIELDS) {
          if (form.getValues(field) === done.sent[field]) form.setValue(field, now.page[field]);
        }
      }
      tell(done);
      forgetPages(queries);
      if (!initial) onCreated?.(now.page.id);
    },
    onDeleted: ({ page: gone }) => {
      forgetPages(queries);
      say(fill(said.deleted, { title: gone.title }), 'good', {
        undo: () => void takeBack(queries, wayBack({ action: 'delete' }, [gone])),
      });
      navigate('/admin/pages');
    },
    onFailed: (error, byItself) => {
      const { fields, rest } = fieldProblems(error, FIELDS);
      fields.forEach(({ field, detail }, index) => {
        form.setError(field, { message: detail }, { shouldFocus: index === 0 && !byItself });
      });
      if (fields.length > 0) setRefused(form.getValues());
      if (byItself) setFailing(true);
      else if (fields.length === 0 || rest.length > 0) setFailure(error);
    },
  });

  const saved = page.saved?.page ?? null;
  const dirty = !page.has(draft);
  const canSave = draft.title.trim() !== '' && slugProblem(draft.slug) === true;
  useTitle(draft.title || said.new_page, words().shell.admin);

  const loadInto = ({ page: now }: SavedPage) => form.reset(draftOf(now));

  /** Discarding is a way back as well: to what was there before it, with all that was typed. */
  function tell({ step, before }: Done) {
    if (step === 'save' || step === 'delete') return;
    if (step !== 'discard' || !before) return say(said.done[step]);
    say(said.done.discard, 'good', {
      undo: () =>
        void page.load(loadInto, async id =>
          restorePage(await fetchPage(id), before.page.revision),
        ),
    });
  }

  const run = (step: Step) => {
    setFailure(null);
    if (step === 'unpublish') void page.run(step, draft);
    else if (step === 'delete') void page.run(step, canSave ? draft : draftOf(saved ?? undefined));
    else void form.handleSubmit(values => page.run(step, values))();
  };
  const saveByItself = () => page.run('save', form.getValues(), true);

  useAutosave({
    draft,
    // What was refused is not sent again until it is another text.
    active: dirty && canSave && !page.behind && !page.running && !isSame(refused, draft),
    failing,
    save: saveByItself,
  });

  const onShortcut = useEffectEvent((event: KeyboardEvent) => {
    if (event.key.toLowerCase() !== 's' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    if (dirty) run('save');
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent) => onShortcut(event);
    document.addEventListener('keydown', listener);
    return () => document.removeEventListener('keydown', listener);
  }, []);

  const state: SaveStateName =
    page.running !== null
      ? 'saving'
      : !dirty
        ? saved
          ? 'saved'
          : 'new'
        : failing
          ? 'failed'
          : 'changed';

  return (
    <div className="flex flex-col lg:h-dvh lg:min-h-[40rem]">
      {/* On a new page the title field takes the focus instead. */}
      <h1 ref={initial ? heading : null} tabIndex={-1} className="sr-only">
        {saved ? fill(said.edit_title, { title: saved.title }) : said.new_page}
      </h1>
      <EditorBar
        page={saved}
        dirty={dirty}
        state={state}
        running={page.running}
        onStep={run}
        onOpen={setDialog}
      />
      {failure !== null && (
        <div className="px-4 pt-4 sm:px-8">
          <ErrorNotice error={failure} onRetry={() => run('save')} />
        </div>
      )}
      <EditorFields form={form} saved={saved} />
      <EditorPanes form={form} draft={draft} />
      <ConflictDialog
        isOpen={page.conflict !== null}
        onKeepEditing={page.dismissConflict}
        onLoadTheirs={() => void page.load(loadInto)}
        onOverwrite={() => void page.overwrite(form.getValues())}
      />
      {saved && (
        <EditorDialogs
          dialog={dialog}
          page={saved}
          dirty={dirty}
          apply={page.apply}
          onRestored={now => form.reset(draftOf(now))}
          onClose={() => setDialog(null)}
        />
      )}
      <LeaveGuard active={dirty} save={async () => canSave && !page.behind && saveByItself()} />
    </div>
  );
}

const isSame = (a: Draft | null, b: Draft) => FIELDS.every(field => a?.[field] === b[field]);
