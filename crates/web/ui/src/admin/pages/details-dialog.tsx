import { useState } from 'react';
import { useForm, useWatch } from 'react-hook-form';
import { fieldProblems } from '../../api/problem-places';
import type { Page } from '../../api/types';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { TextField } from '../../ui/field';
import { ErrorNotice } from '../../ui/notice';
import { say } from '../../ui/toast';
import { words } from '../words/words';
import { updateDetails } from './saved-page';
import { SearchResult } from './search-result';
import type { Apply } from './use-page-document';

/** As the server names the fields. */
const PLACES = {
  tags: 'tags',
  'seo/title': 'title',
  'seo/description': 'description',
  'seo/canonical': 'canonical',
} as const;

type Props = { page: Page; apply: Apply; onClose: () => void };

/** Tags, and what search engines are told. */
export function DetailsDialog({ page, apply, onClose }: Props) {
  const said = words().pages.details;
  const [failure, setFailure] = useState<unknown>(null);
  const { control, register, handleSubmit, formState, setError } = useForm({
    defaultValues: {
      tags: page.tags.join(', '),
      title: page.seo.title ?? '',
      description: page.seo.description ?? '',
      canonical: page.seo.canonical ?? '',
      noindex: page.seo.noindex ?? false,
    },
  });
  const shown = useWatch({ control });
  const submit = handleSubmit(async ({ tags, ...seo }) => {
    setFailure(null);
    try {
      await apply(base => updateDetails(base, { tags: tagsIn(tags), seo }));
      say(said.saved);
      onClose();
    } catch (error) {
      const { fields } = fieldProblems(error, Object.keys(PLACES) as (keyof typeof PLACES)[]);
      for (const { field, detail } of fields) setError(PLACES[field], { message: detail });
      if (fields.length === 0) setFailure(error);
    }
  });
  const { errors, isSubmitting } = formState;
  return (
    <Dialog isOpen wide title={said.title} onClose={onClose}>
      <form onSubmit={submit} noValidate className="mt-4 grid gap-4">
        {failure !== null && <ErrorNotice error={failure} />}
        <TextField
          label={said.tags}
          hint={said.tags_hint}
          autoComplete="off"
          error={errors.tags?.message}
          {...register('tags')}
        />
        <SearchResult
          title={shown.title || page.title}
          slug={page.slug}
          description={shown.description || page.summary}
          hidden={shown.noindex ?? false}
        />
        <TextField
          label={said.seo_title}
          placeholder={page.title}
          autoComplete="off"
          hint={said.seo_title_hint}
          error={errors.title?.message}
          {...register('title')}
        />
        <TextField
          label={said.description}
          placeholder={page.summary}
          autoComplete="off"
          hint={said.description_hint}
          error={errors.description?.message}
          {...register('description')}
        />
        <TextField
          label={said.canonical}
          type="url"
          autoComplete="off"
          hint={said.canonical_hint}
          error={errors.canonical?.message}
          {...register('canonical')}
        />
        <label className="flex items-center gap-3">
          <input type="checkbox" className="size-4.5 accent-accent" {...register('noindex')} />
          {said.noindex}
        </label>
        <Button type="submit" tone="primary" isDisabled={isSubmitting}>
          {isSubmitting ? said.saving : said.save}
        </Button>
      </form>
    </Dialog>
  );
}

const tagsIn = (typed: string): string[] =>
  typed
    .split(',')
    .map(tag => tag.trim())
    .filter(Boolean);
