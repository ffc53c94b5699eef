import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation, useNavigate, useParams } from 'react-router';
import { isApiError } from '../../api/problem';
import { ErrorNotice } from '../../ui/notice';
import { Bone, Loading } from '../../ui/skeleton';
import { NothingHere } from '../nothing-here';
import { useOnlyReads } from '../session/use-may';
import { ViewBody } from '../view-header';
import { words } from '../words/words';
import { PageEditor } from './page-editor';
import { ReadOnlyPage } from './read-only-page';
import { fetchPage } from './saved-page';

const NEW = 'new';

/**
 * Finds the page for the address. When a new page is saved for the first time its address changes under the editor,
 * which must stay as it is: caret, undo history and all.
 */
export function EditorView() {
  const { id = NEW } = useParams();
  const navigate = useNavigate();
  const { key: visit } = useLocation();
  const [created, setCreated] = useState<{ id: string; editor: string } | null>(null);
  // Left: whoever comes back to that page meets what the server has by then.
  if (created && id !== created.id && visit !== created.editor) setCreated(null);
  const isNew = id === NEW || id === created?.id;
  const editor = id === created?.id ? created.editor : visit;
  const onlyReads = useOnlyReads();

  const page = useQuery({
    queryKey: ['admin', 'page', id],
    queryFn: ({ signal }) => fetchPage(id, signal),
    enabled: !isNew,
    // The editor begins with what the server has now, and nothing changes under its hands afterwards.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });

  if (isNew && onlyReads) return <NothingHere />;
  if (isNew) {
    return (
      <PageEditor
        key={editor}
        initial={null}
        onCreated={newId => {
          setCreated({ id: newId, editor });
          navigate(`/admin/pages/${newId}`, { replace: true });
        }}
      />
    );
  }
  if (page.data && onlyReads) return <ReadOnlyPage page={page.data.page} />;
  if (page.data) return <PageEditor key={id} initial={page.data} />;
  if (isApiError(page.error, 'page-not-found')) return <NothingHere />;
  return (
    <ViewBody>
      {page.isError ? (
        <ErrorNotice error={page.error} onRetry={page.refetch} />
      ) : (
        <EditorSkeleton />
      )}
    </ViewBody>
  );
}

function EditorSkeleton() {
  return (
    <Loading what={words().pages.the_page}>
      <Bone className="h-10 w-1/2" />
      <Bone className="mt-4 h-5 w-1/3" />
      <Bone className="mt-10 h-96 rounded-xl" />
    </Loading>
  );
}
