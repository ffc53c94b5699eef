import { useQuery } from '@tanstack/react-query';
import { ListTree, Plus } from 'lucide-react';
import { Link } from 'react-router';
import { siteQuery } from '../../api/queries';
import { fill } from '../../i18n/language';
import { buttonClass } from '../../ui/button-class';
import { formatAgo, formatLanguage } from '../../ui/format';
import { ErrorNotice } from '../../ui/notice';
import { Bone, Loading } from '../../ui/skeleton';
import { menusQuery } from '../queries';
import { useMay } from '../session/use-may';
import { ViewBody, ViewHeader } from '../view-header';
import { words } from '../words/words';

/** The menus of the site, by name and language. */
export function MenusView() {
  const said = words().menus;
  const menus = useQuery(menusQuery);
  const { data: site } = useQuery(siteQuery);
  const mayChange = useMay('editor');
  return (
    <ViewBody>
      <ViewHeader title={said.title}>
        {mayChange && (
          <Link to="/admin/menus/new" className={buttonClass('primary')}>
            <Plus aria-hidden /> {said.new}
          </Link>
        )}
      </ViewHeader>
      {menus.isError ? (
        <ErrorNotice error={menus.error} onRetry={menus.refetch} />
      ) : !menus.data ? (
        <Loading what={said.the_menus}>
          <Bone className="h-40 rounded-xl" />
        </Loading>
      ) : menus.data.length === 0 ? (
        <div className="rounded-xl border border-dashed border-line-strong px-6 py-14 text-center">
          <ListTree aria-hidden className="mx-auto mb-3 size-8 text-ink-faint" />
          <p className="font-semibold">{said.nothing}</p>
          <p className="mt-1 text-ink-soft">{said.nothing_text}</p>
        </div>
      ) : (
        <ul
          aria-label={said.title}
          className="divide-y divide-line overflow-hidden rounded-xl border border-line bg-surface shadow-card"
        >
          {menus.data.map(({ id, name, language, updated_at }) => (
            <li key={id} className="relative px-4 py-3.5 hover:bg-sunken md:px-5">
              <Link
                to={`/admin/menus/${id}`}
                className="font-medium after:absolute after:inset-0 after:content-['']"
              >
                {name}
              </Link>
              <p className="text-sm text-ink-faint">
                {formatLanguage(language ?? site?.language ?? '')},{' '}
                <time dateTime={updated_at}>
                  {fill(said.changed, { ago: formatAgo(updated_at) })}
                </time>
              </p>
            </li>
          ))}
        </ul>
      )}
    </ViewBody>
  );
}
