import { useQuery } from '@tanstack/react-query';
import { useParams } from 'react-router';
import { isApiError } from '../../api/problem';
import type { Menu } from '../../api/types';
import { ErrorNotice } from '../../ui/notice';
import { Bone, Loading } from '../../ui/skeleton';
import { NothingHere } from '../nothing-here';
import { menuQuery } from '../queries';
import { useOnlyReads } from '../session/use-may';
import { ViewBody, ViewHeader } from '../view-header';
import { words } from '../words/words';
import { LineSummary } from './line-card';
import { MenuEditor } from './menu-editor';
import { linesOf } from './menu-lines';

export function MenuEditorView() {
  const { id = '' } = useParams();
  const onlyReads = useOnlyReads();
  if (id === 'new' && onlyReads) return <NothingHere />;
  return id === 'new' ? <MenuEditor key="new" menu={null} /> : <Existing key={id} id={id} />;
}

function Existing({ id }: { id: string }) {
  // What somebody else saves must not change what is done here: it is met when this is saved.
  const menu = useQuery({ ...menuQuery(id), refetchOnWindowFocus: false });
  const onlyReads = useOnlyReads();
  if (menu.data && onlyReads) return <ReadOnlyMenu menu={menu.data} />;
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

/** A menu for those who may look and not change it. */
function ReadOnlyMenu({ menu }: { menu: Menu }) {
  const said = words().menus;
  return (
    <ViewBody narrow>
      <ViewHeader title={menu.name} />
      {menu.items.length === 0 && <p className="text-ink-soft">{said.no_lines}</p>}
      <ol aria-label={said.lines} className="grid grid-cols-[minmax(0,1fr)] gap-2">
        {linesOf(menu.items).map(line => (
          <li
            key={line.key}
            className="flex items-center gap-3 rounded-xl border border-line bg-surface px-4 py-3 shadow-card"
            style={{ marginLeft: `${line.depth * 1.5}rem` }}
          >
            <LineSummary line={line} page={menu.pages.find(({ id }) => id === line.page)} />
          </li>
        ))}
      </ol>
    </ViewBody>
  );
}
