import { useRef } from 'react';
import type { UseFormReturn } from 'react-hook-form';
import type { Page } from '../../api/types';
import { FieldNote } from '../../ui/field';
import { useWords } from '../words/words';
import type { Draft } from './saved-page';
import { slugProblem, suggestSlug } from './slug';

type Props = { form: UseFormReturn<Draft>; saved: Page | null };

const BARE = 'w-full bg-transparent outline-none placeholder:text-ink-faint';

/** Title, address and summary, set like the head of the page itself. */
export function EditorFields({ form, saved }: Props) {
  const said = useWords().editor;
  const { errors } = form.formState;
  // The address follows the title until someone gives it one of its own; an emptied one follows again.
  const ownSlug = useRef(saved !== null);

  const title = form.register('title', {
    required: said.title_needed,
    onChange: event => {
      if (!ownSlug.current) form.setValue('slug', suggestSlug(event.target.value));
    },
  });
  const slug = form.register('slug', {
    validate: slugProblem,
    onChange: event => {
      ownSlug.current = event.target.value !== '';
    },
  });
  const summary = form.register('summary');

  return (
    <div className="px-4 pt-5 pb-4 sm:px-8">
      <input
        {...title}
        aria-label={said.title}
        aria-invalid={errors.title ? true : undefined}
        aria-describedby={errors.title ? 'title-note' : undefined}
        placeholder={said.title}
        autoComplete="off"
        // biome-ignore lint/a11y/noAutofocus: whoever opens a new page wants to write its title
        autoFocus={saved === null}
        className={`${BARE} text-3xl font-bold tracking-tight`}
      />
      <FieldNote id="title-note" error={errors.title?.message} />
      <div className="mt-2 grid gap-x-8 gap-y-1 md:grid-cols-[minmax(0,2fr)_minmax(0,3fr)]">
        <div>
          <label className="flex items-center gap-2">
            <span className="w-18 shrink-0 text-sm text-ink-faint">{said.address}</span>
            <span aria-hidden="true" className="text-ink-faint">
              /
            </span>
            <input
              {...slug}
              aria-label={said.address}
              aria-invalid={errors.slug ? true : undefined}
              aria-describedby={errors.slug ? 'slug-note' : undefined}
              placeholder={said.address_hint}
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              className={`${BARE} -ml-1.5 border-b border-transparent py-1 font-mono text-sm hover:border-line-strong focus:border-accent aria-invalid:border-danger`}
            />
          </label>
          <FieldNote id="slug-note" error={errors.slug?.message} />
        </div>
        <div>
          <label className="flex items-center gap-2">
            <span className="w-18 shrink-0 text-sm text-ink-faint">{said.summary}</span>
            <input
              {...summary}
              aria-label={said.summary}
              aria-invalid={errors.summary ? true : undefined}
              aria-describedby={errors.summary ? 'summary-note' : undefined}
              placeholder={said.summary_hint}
              autoComplete="off"
              className={`${BARE} border-b border-transparent py-1 text-sm hover:border-line-strong focus:border-accent aria-invalid:border-danger`}
            />
          </label>
          <FieldNote id="summary-note" error={errors.summary?.message} />
        </div>
      </div>
    </div>
  );
}
