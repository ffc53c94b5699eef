import { useQuery } from '@tanstack/react-query';
import { useParams } from 'react-router';
import { isApiError } from '../../api/problem';
import type { Form } from '../../api/types';
import { ErrorNotice } from '../../ui/notice';
import { Bone, Loading } from '../../ui/skeleton';
import { NothingHere } from '../nothing-here';
import { formQuery } from '../queries';
import { useOnlyReads } from '../session/use-may';
import { ViewBody, ViewHeader } from '../view-header';
import { words } from '../words/words';
import { draftOf } from './form-draft';
import { FormEditor } from './form-editor';
import { FormPreview } from './form-preview';

export function FormEditorView() {
  const { id = '' } = useParams();
  const onlyReads = useOnlyReads();
  if (id === 'new' && onlyReads) return <NothingHere />;
  return id === 'new' ? <FormEditor key="new" form={null} /> : <Existing key={id} id={id} />;
}

function Existing({ id }: { id: string }) {
  // What somebody else saves must not change what is typed here: it is met when this is saved.
  const form = useQuery({ ...formQuery(id), refetchOnWindowFocus: false });
  const onlyReads = useOnlyReads();
  if (form.data && onlyReads) return <ReadOnlyForm form={form.data} />;
  if (form.data) return <FormEditor form={form.data} />;
  if (isApiError(form.error, 'form-not-found')) return <NothingHere />;
  return (
    <ViewBody>
      {form.isError ? (
        <ErrorNotice error={form.error} onRetry={form.refetch} />
      ) : (
        <Loading what={words().forms.the_form}>
          <Bone className="h-9 w-60" />
          <Bone className="mt-7 h-96 rounded-xl" />
        </Loading>
      )}
    </ViewBody>
  );
}

/** A form for those who may look and not change it. */
function ReadOnlyForm({ form }: { form: Form }) {
  return (
    <ViewBody>
      <ViewHeader title={form.title} />
      <FormPreview draft={draftOf(form)} className="max-w-2xl" />
    </ViewBody>
  );
}
