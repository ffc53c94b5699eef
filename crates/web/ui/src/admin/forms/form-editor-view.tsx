import { useQuery } from '@tanstack/react-query';
import { useParams } from 'react-router';
import { isApiError } from '../../api/problem';
import { ErrorNotice } from '../../ui/notice';
import { Bone, Loading } from '../../ui/skeleton';
import { NothingHere } from '../nothing-here';
import { formQuery } from '../queries';
import { ViewBody } from '../view-header';
import { words } from '../words/words';
import { FormEditor } from './form-editor';

export function FormEditorView() {
  const { id = '' } = useParams();
  return id === 'new' ? <FormEditor key="new" form={null} /> : <Existing key={id} id={id} />;
}

function Existing({ id }: { id: string }) {
  // What somebody else saves must not change what is typed here: it is met when this is saved.
  const form = useQuery({ ...formQuery(id), refetchOnWindowFocus: false });
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
