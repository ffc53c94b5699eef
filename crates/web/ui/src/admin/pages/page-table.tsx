import { ExternalLink } from 'lucide-react';
import { Link } from 'react-router';
import type { PageRow } from '../../api/types';
import { fill } from '../../i18n/language';
import { Filled } from '../../ui/filled';
import { formatAgo, formatDateTime } from '../../ui/format';
import { Bone, Loading } from '../../ui/skeleton';
import type { Choose } from '../bulk/use-chosen';
import { words } from '../words/words';
import { StatusBadge } from './status-badge';

const FRAME = 'overflow-hidden rounded-xl border border-line bg-surface shadow-card';
const HEAD = 'px-5 py-3 text-left text-sm font-medium text-ink-faint';

/** Pages that something is done to together. */
export type Choosing = {
  chosen: ReadonlySet<string>;
  onChoose: Choose;
};

type Props = { pages: PageRow[]; choosing?: Choosing | undefined };

/** On a narrow screen the author and the time move under the title. */
export function PageTable({ pages, choosing }: Props) {
  const said = words().pages;
  return (
    <div className={FRAME}>
      <table aria-label={said.title} className="w-full">
        <thead className="border-b border-line max-md:sr-only">
          <tr>
            {choosing && (
              <th scope="col" className="pl-4 text-left">
                <ChooseAll pages={pages} choosing={choosing} />
              </th>
            )}
            <th scope="col" className={HEAD}>
              {said.columns.title}
            </th>
            <th scope="col" className={HEAD}>
              {said.columns.status}
            </th>
            <th scope="col" className={HEAD}>
              {said.columns.author}
            </th>
            <th scope="col" className={HEAD}>
              {said.columns.edited}
            </th>
            <th scope="col" className={HEAD}>
              <span className="sr-only">{said.columns.on_site}</span>
            </th>
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {pages.map(page => (
            <Row key={page.id} page={page} choosing={choosing} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

const CHECKBOX = 'size-4.5 accent-accent';

function ChooseAll({ pages, choosing }: { pages: PageRow[]; choosing: Choosing }) {
  const all = pages.every(page => choosing.chosen.has(page.id));
  const some = pages.some(page => choosing.chosen.has(page.id));
  return (
    <input
      type="checkbox"
      aria-label={words().pages.choose_all}
      className={`${CHECKBOX} align-middle`}
      checked={all}
      ref={box => {
        if (box) box.indeterminate = some && !all;
      }}
      onChange={() =>
        choosing.onChoose(
          pages.map(page => page.id),
          !all,
        )
      }
    />
  );
}

function Row({ page, choosing }: { page: PageRow; choosing: Choosing | undefined }) {
  const said = words().pages;
  const edited = (
    <time dateTime={page.updated_at} title={formatDateTime(page.updated_at)}>
      {formatAgo(page.updated_at)}
    </time>
  );
  return (
    <tr className="relative hover:bg-sunken">
      {choosing && (
        <td className="pl-4">
          {/* As large as a finger, and above the link that covers the row. */}
          <label className="relative z-1 -m-2 grid size-9 place-items-center">
            <input
              type="checkbox"
              aria-label={fill(said.choose, { title: page.title })}
              className={CHECKBOX}
              checked={choosing.chosen.has(page.id)}
              onChange={event => choosing.onChoose([page.id], event.target.checked)}
            />
          </label>
        </td>
      )}
      <td className="w-full max-w-0 py-3.5 pl-4 md:pl-5">
        <Link
          to={`/admin/pages/${page.id}`}
          className="block truncate font-medium after:absolute after:inset-0 after:content-['']"
        >
          {page.title}
        </Link>
        <p className="truncate text-sm text-ink-faint">
          /{page.slug}
          {page.tags.map(tag => ` #${tag}`)}
        </p>
        <p className="truncate text-sm text-ink-faint md:hidden">
          <Filled
            text={page.author ? said.by : '{ago}'}
            values={{ ago: edited, author: page.author }}
          />
        </p>
      </td>
      <td className="px-4 max-md:text-right md:px-5">
        <StatusBadge status={page.status} />
      </td>
      <td className="px-5 text-sm whitespace-nowrap text-ink-soft max-md:hidden">{page.author}</td>
      <td className="px-5 text-sm whitespace-nowrap text-ink-soft max-md:hidden">{edited}</td>
      <td className="pr-4 max-md:hidden">
        {page.status === 'published' && (
          <Link
            reloadDocument
            to={`/${page.live_slug ?? page.slug}`}
            aria-label={fill(said.view, { title: page.title })}
            className="relative z-1 grid size-9 place-items-center rounded-lg text-ink-faint hover:bg-surface hover:text-ink"
          >
            <ExternalLink aria-hidden className="size-4" />
          </Link>
        )}
      </td>
    </tr>
  );
}

const ROWS = ['w-1/3', 'w-1/2', 'w-2/5', 'w-3/5', 'w-1/4'];

export function PageTableSkeleton() {
  return (
    <Loading what={words().pages.the_pages}>
      <div className={`${FRAME} divide-y divide-line`}>
        <div className="h-[2.8rem] max-md:hidden" />
        {ROWS.map(width => (
          <div key={width} className="px-5 py-4">
            <Bone className={`h-4.5 ${width}`} />
            <Bone className="mt-2 h-3.5 w-28" />
          </div>
        ))}
      </div>
    </Loading>
  );
}
