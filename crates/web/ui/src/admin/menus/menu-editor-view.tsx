import { useQuery } from '@tanstack/react-query';
import { useParams } from 'react-router';
import { isApiError } from '../../api/problem';
import { ErrorNotice } from '../../ui/notice';
import { Bone, Loading } from '../../ui/skeleton';
import { NothingHere } from '../nothing-here';
import { menuQuery } from '../queries';
import { ViewBody } from '../view-header';
import { words } from '../words/words';
import { MenuEditor } from './menu-editor';

export function MenuEditorView() {
  const { id = '' } = useParams();
  return id === 'new' ? <MenuEditor key="new" menu={null} /> : <Existing key={id} id={id} />;
}

function Existing({ id }: { id: string }) {
  // What somebody else saves must not change what is done here: it is met when this is saved.
  const menu = useQuery({ ...menuQuery(id), refetchOnWindowFocus: false });
  if (menu.data) return <MenuEditor menu={menu.data} />;
  if (isApiError(menu.error, 'menu-not-found')) return <NothingHere />;
  return (
    <ViewBody>
      {menu.isError ? (
        <ErrorNotice error={menu.error} onRetry={menu.refetch} />
      ) : (
        <Loading what={words().menus.the_menu}>
          <Bone className="h-9 w-60" />
          <Bone className="mt-7 h-96 rounded-xl" />
        </Loading>
      )}
    </ViewBody>
  );
}
