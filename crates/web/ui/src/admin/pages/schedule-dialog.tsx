import { useRef, useState } from 'react';
import { useForm } from 'react-hook-form';
import { fieldProblems } from '../../api/problem-places';
import type { Page } from '../../api/types';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { TextField } from '../../ui/field';
import { ErrorNotice } from '../../ui/notice';
import { say } from '../../ui/toast';
import { words } from '../words/words';
import { fromLocalField, toLocalField } from './page-dates';
import { schedulePage } from './saved-page';
import type { Apply } from './use-page-document';

const FIELDS = ['publish_at', 'unpublish_at'] as const;

type Props = { page: Page; apply: Apply; onClose: () => void };

/** When the page is shown and hidden by itself. */
export function ScheduleDialog({ page, apply, onClose }: Props) {
  const said = words().pages.schedule;
  const [failure, setFailure] = useState<unknown>(null);
  const form = useRef<HTMLFormElement>(null);
  const [before] = useState(page);
  const { register, handleSubmit, formState, setError } = useForm({
    defaultValues: {
      publish_at: toLocalField(before.publish_at),
      unpublish_at: toLocalField(before.unpublish_at),
    },
  });
  const submit = handleSubmit(async typed => {
    setFailure(null);
    const wanted = {
      publish_at: fromLocalField(typed.publish_at, before.publish_at),
      unpublish_at: fromLocalField(typed.unpublish_at, before.unpublish_at),
    };
    try {
      await apply(base => schedulePage(base, wanted));
      say(wanted.publish_at || wanted.unpublish_at ? said.scheduled : said.nothing);
      onClose();
    } catch (error) {
      const { fields } = fieldProblems(error, FIELDS);
      for (const { field, detail } of fields) setError(field, { message: detail });
      if (fields.length === 0) setFailure(error);
    }
  });
  /** Half a moment reads as none at all, which would mean something else. */
  const isWhole = (name: (typeof FIELDS)[number]) => () => {
    const field = form.current?.elements.namedItem(name);
    return !(field instanceof HTMLInputElement && field.validity.badInput) || said.incomplete;
  };
  const { errors, isSubmitting } = formState;
  return (
    <Dialog isOpen title={said.title} onClose={onClose}>
      <form ref={form} onSubmit={submit} noValidate className="grid gap-4">
        <p>{said.about}</p>
        {failure !== null && <ErrorNotice error={failure} />}
        <TextField
          label={said.publish}
          type="datetime-local"
          error={errors.publish_at?.message}
          {...register('publish_at', { validate: isWhole('publish_at') })}
        />
        <TextField
          label={said.unpublish}
          type="datetime-local"
          error={errors.unpublish_at?.message}
          {...register('unpublish_at', { validate: isWhole('unpublish_at') })}
        />
        <Button type="submit" tone="primary" isDisabled={isSubmitting}>
          {isSubmitting ? said.saving : said.save}
        </Button>
      </form>
    </Dialog>
  );
}
