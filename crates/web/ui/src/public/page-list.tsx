import { Link } from 'react-router';
import type { PageCard } from '../api/types';
import { formatDate } from '../ui/format';
import { ServerHtml } from '../ui/server-html';
import { Bone, Loading } from '../ui/skeleton';

type Props = { pages: PageCard[]; lang: string | undefined };

export function PageList({ pages, lang }: Props) {
  return (
    <ul className="divide-y divide-line border-y border-line">
      {pages.map(page => (
        <li
          key={page.slug}
          className="group relative grid gap-x-8 gap-y-1 py-6 sm:grid-cols-[9rem_1fr]"
        >
          <p className="text-sm text-ink-faint sm:pt-1">
            <time dateTime={page.published_at}>{formatDate(page.published_at)}</time>
          </p>
          <div lang={lang} className="min-w-0">
            <h3 className="text-lg leading-snug font-semibold">
              <Link
                to={`/${page.slug}`}
                className="rounded group-hover:text-accent after:absolute after:inset-0 after:content-['']"
              >
                {page.title}
              </Link>
            </h3>
            {page.excerpt ? (
              <ServerHtml className="mt-1 text-ink-soft" html={page.excerpt} />
            ) : (
              page.summary && <p className="mt-1 text-ink-soft">{page.summary}</p>
            )}
            <p className="mt-1.5 text-sm text-ink-faint">{page.author}</p>
          </div>
        </li>
      ))}
    </ul>
  );
}

const BONES = ['w-2/5', 'w-1/2', 'w-1/3'];

export function PageListSkeleton() {
  return (
    <Loading what="the pages">
      <div className="divide-y divide-line border-y border-line">
        {BONES.map(width => (
          <div key={width} className="grid gap-x-8 gap-y-2 py-6 sm:grid-cols-[9rem_1fr]">
            <Bone className="mt-1 h-4 w-24" />
            <div>
              <Bone className={`h-6 ${width}`} />
              <Bone className="mt-2.5 h-4 w-4/5" />
              <Bone className="mt-3 h-3.5 w-20" />
            </div>
          </div>
        ))}
      </div>
    </Loading>
  );
}
