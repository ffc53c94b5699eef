import { useRef, useState } from 'react';
import type { UseFormReturn } from 'react-hook-form';
import { counted } from '../../i18n/language';
import { Choice } from '../../ui/choice';
import { useWords } from '../words/words';
import { countWords } from './markdown-edits';
import { MarkdownField } from './markdown-field';
import { PreviewPane } from './preview-pane';
import type { Draft } from './saved-page';
import { useScrollSync } from './use-scroll-sync';

type Props = { form: UseFormReturn<Draft>; draft: Draft };

/** Text and preview: side by side on wide screens, one of them on narrow ones. */
export function EditorPanes({ form, draft }: Props) {
  const said = useWords().editor;
  const [pane, setPane] = useState<'write' | 'preview'>('write');
  const field = useRef<HTMLTextAreaElement>(null);
  const preview = useRef<HTMLDivElement>(null);
  const { onFieldScroll, onPreviewScroll } = useScrollSync(field, preview);
  const words = (
    <span className="text-sm text-ink-faint tabular-nums">
      {counted(said.words, countWords(draft.body))}
    </span>
  );
  return (
    <>
      <div className="flex items-center justify-between gap-4 px-4 pb-3 sm:px-8 lg:hidden">
        <Choice
          label={said.pane}
          value={pane}
          onChange={setPane}
          options={[
            { value: 'write', label: said.write },
            { value: 'preview', label: said.preview },
          ]}
        />
        {words}
      </div>
      <div className="grid min-h-0 flex-1 border-t border-line bg-surface lg:grid-cols-2 lg:divide-x lg:divide-line">
        <div className={`flex min-h-0 min-w-0 flex-col ${pane === 'write' ? '' : 'max-lg:hidden'}`}>
          <MarkdownField
            field={field}
            registration={form.register('body')}
            error={form.formState.errors.body?.message}
            onScroll={onFieldScroll}
          />
        </div>
        <div
          className={`flex min-h-0 min-w-0 flex-col bg-paper ${pane === 'preview' ? '' : 'max-lg:hidden'}`}
        >
          <div className="hidden h-[2.8rem] shrink-0 items-center justify-between border-b border-line px-8 text-sm text-ink-faint lg:flex">
            <span>{said.preview}</span>
            {words}
          </div>
          <PreviewPane
            ref={preview}
            title={draft.title}
            summary={draft.summary}
            body={draft.body}
            onScroll={onPreviewScroll}
          />
        </div>
      </div>
    </>
  );
}
