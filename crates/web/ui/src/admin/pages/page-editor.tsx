import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { useForm, useWatch } from 'react-hook-form';
import { useNavigate } from 'react-router';
import { fieldProblems } from '../../api/problem-places';
import { Choice } from '../../ui/choice';
import { plural } from '../../ui/format';
import { useTitle } from '../../ui/hooks';
import { ErrorNotice } from '../../ui/notice';
import { say } from '../../ui/toast';
import { LeaveGuard } from '../leave-guard';
import { forgetPages } from '../queries';
import { useArrivalFocus } from '../router-hooks';
import { ConflictDialog } from './conflict-dialog';
import { DeletePageDialog } from './delete-page-dialog';
import { DiscardDialog } from './discard-dialog';
import { EditorBar, type PageDialog } from './editor-bar';
import { EditorDialogs } from './editor-dialogs';
import { EditorFields } from './editor-fields';
import { countWords } from './markdown-edits';
import { MarkdownField } from './markdown-field';
import { PreviewPane } from './preview-pane';
import { type Draft, draftOf, type SavedPage, sameDraft } from './saved-page';
import { type Step, usePageDocument } from './use-page-document';

const FIELDS = ['title', 'slug', 'summary', 'body'] as const;

const DONE: Record<Exclude<Step, 'delete'>, string> = {
  save: '',
  publish: 'Published.',
  discard: 'The changes are discarded.',
  unpublish: 'No longer published; the page is a draft again.',
};

type Props = { initial: SavedPage | null; onCreated?: (id: string) => void };

export function PageEditor({ initial, onCreated }: Props) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const form = useForm<Draft>({ defaultValues: draftOf(initial?.page) });
  const draft = useWatch({ control: form.control }) as Draft;
  const [failure, setFailure] = useState<unknown>(null);
  const [asking, setAsking] = useState<'discard' | 'delete' | null>(null);
  const [dialog, setDialog] = useState<PageDialog | null>(null);
  const [pane, setPane] = useState<'write' | 'preview'>('write');
  const preview = useRef<HTMLDivElement>(null);
  const heading = useArrivalFocus<HTMLHeadingElement>();

  const page = usePageDocument({
    initial,
    onSaved: ({ page: now }, sent, step) => {
      // The server may have tidied a value; what was typed while it answered is newer than either.
      for (const field of FIELDS) {
        if (form.getValues(field) === sent[field]) form.setValue(field, now[field]);
      }
      if (step !== 'delete' && DONE[step]) say(DONE[step]);
      forgetPages(queries);
      if (!initial) onCreated?.(now.id);
    },
    onDeleted: () => {
      forgetPages(queries);
      say('The page is in the trash.');
      navigate('/admin/pages');
    },
    onFailed: error => {
      const { fields, rest } = fieldProblems(error, FIELDS);
      fields.forEach(({ field, detail }, index) => {
        form.setError(field, { message: detail }, { shouldFocus: index === 0 });
      });
      if (fields.length === 0 || rest.length > 0) setFailure(error);
    },
  });

  const saved = page.saved?.page ?? null;
  const dirty = !sameDraft(draft, draftOf(saved ?? undefined));
  useTitle(draft.title || 'New page', 'Admin');

  const run = (step: Step) => {
    setFailure(null);
    if (step === 'discard' || step === 'delete') setAsking(step);
    else if (step === 'unpublish') void page.run(step, draft);
    else void form.handleSubmit(values => page.run(step, values))();
  };

  const runAsked = (step: 'discard' | 'delete') => {
    setAsking(null);
    void page.run(step, draft);
  };

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

  const followScroll = (fraction: number) => {
    const box = preview.current;
    if (box) box.scrollTop = fraction * (box.scrollHeight - box.clientHeight);
  };

  const { errors } = form.formState;
  return (
    <div className="flex flex-col lg:h-dvh lg:min-h-[40rem]">
      {/* On a new page the title field takes the focus instead. */}
      <h1 ref={initial ? heading : null} tabIndex={-1} className="sr-only">
        {saved ? `Edit “${saved.title}”` : 'New page'}
      </h1>
      <EditorBar
        page={saved}
        dirty={dirty}
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
      <div className="flex items-center justify-between gap-4 px-4 pb-3 sm:px-8 lg:hidden">
        <Choice
          label="Pane"
          value={pane}
          onChange={setPane}
          options={[
            { value: 'write', label: 'Write' },
            { value: 'preview', label: 'Preview' },
          ]}
        />
        <WordCount text={draft.body} />
      </div>
      <div className="grid min-h-0 flex-1 border-t border-line bg-surface lg:grid-cols-2 lg:divide-x lg:divide-line">
        <div className={`flex min-h-0 min-w-0 flex-col ${pane === 'write' ? '' : 'max-lg:hidden'}`}>
          <MarkdownField
            registration={form.register('body')}
            error={errors.body?.message}
            onScroll={followScroll}
          />
        </div>
        <div
          className={`flex min-h-0 min-w-0 flex-col bg-paper ${pane === 'preview' ? '' : 'max-lg:hidden'}`}
        >
          <div className="hidden h-[2.8rem] items-center justify-between border-b border-line px-8 text-sm text-ink-faint lg:flex">
            <span>Preview</span>
            <WordCount text={draft.body} />
          </div>
          <PreviewPane
            ref={preview}
            title={draft.title}
            summary={draft.summary}
            body={draft.body}
          />
        </div>
      </div>
      <ConflictDialog
        isOpen={page.conflict !== null}
        onKeepEditing={page.dismissConflict}
        onLoadTheirs={() => page.loadTheirs(theirs => form.reset(draftOf(theirs.page)))}
        onOverwrite={() => page.overwrite(form.getValues())}
      />
      {saved && (
        <>
          <EditorDialogs
            dialog={dialog}
            page={saved}
            dirty={dirty}
            apply={page.apply}
            onRestored={now => form.reset(draftOf(now))}
            onClose={() => setDialog(null)}
          />
          <DiscardDialog
            title={saved.title}
            isOpen={asking === 'discard'}
            onClose={() => setAsking(null)}
            onDiscard={() => runAsked('discard')}
          />
          <DeletePageDialog
            page={saved}
            isOpen={asking === 'delete'}
            onClose={() => setAsking(null)}
            onDelete={() => runAsked('delete')}
          />
        </>
      )}
      <LeaveGuard active={dirty} />
    </div>
  );
}

function WordCount({ text }: { text: string }) {
  return (
    <span className="text-sm text-ink-faint tabular-nums">{plural(countWords(text), 'word')}</span>
  );
}
