import { useQuery } from '@tanstack/react-query';
import { Navigate, useLocation } from 'react-router';
import { isApiError } from '../api/problem';
import { publicPageQuery, siteQuery } from '../api/public-queries';
import type { PublicPage } from '../api/types';
import { decoded } from '../ui/decoded';
import { formatDate } from '../ui/format';
import { useArrivalFocus, useTitle } from '../ui/hooks';
import { ErrorNotice } from '../ui/notice';
import { Bone, Loading } from '../ui/skeleton';
import { NotFound } from './not-found';
import { RenderedPage } from './rendered-page';

export function PageView() {
  const { pathname } = useLocation();
  const slug = decoded(pathname).replace(/^\/+|\/+$/g, '');
  const page = useQuery(publicPageQuery(slug));

  // It has moved: the server answered with the page at its present address.
  if (page.data && page.data.slug !== slug) return <Navigate replace to={`/${page.data.slug}`} />;
  if (page.data) return <Article key={slug} page={page.data} />;
  if (isApiError(page.error, 'page-not-found')) return <NotFound key={slug} />;
  return (
    <div className="mx-auto max-w-[44rem] px-4 pt-12 sm:px-6 sm:pt-16">
      {page.isError ? (
        <ErrorNotice error={page.error} onRetry={page.refetch} />
      ) : (
        <Loading what="the page">
          <Bone className="h-10 w-3/4" />
          <Bone className="mt-5 h-5 w-full" />
          <Bone className="mt-8 h-4 w-52" />
          <ProseSkeleton />
        </Loading>
      )}
    </div>
  );
}

function Article({ page }: { page: PublicPage }) {
  const { data: site } = useQuery(siteQuery);
  const heading = useArrivalFocus<HTMLHeadingElement>();
  useTitle(page.title, site?.title);
  return (
    <article className="mx-auto max-w-[44rem] px-4 pt-12 sm:px-6 sm:pt-16">
      <link rel="canonical" href={`${location.origin}/${page.slug}`} />
      {page.summary && <meta name="description" content={page.summary} />}
      <header lang={site?.language} className="mb-10">
        <h1 ref={heading} tabIndex={-1} className="text-4xl leading-[1.12] font-bold sm:text-5xl">
          {page.title}
        </h1>
        {page.summary && (
          <p className="mt-4 text-xl leading-relaxed text-ink-soft">{page.summary}</p>
        )}
        <p
          lang="en"
          className="mt-6 flex flex-wrap gap-x-2 text-sm text-ink-faint [&>*+*]:before:mr-2 [&>*+*]:before:content-['·']"
        >
          {page.author && <span>{page.author}</span>}
          <time dateTime={page.published_at}>{formatDate(page.published_at)}</time>
          <Updated page={page} />
        </p>
      </header>
      <RenderedPage html={page.html} lang={site?.language} />
    </article>
  );
}

/** Said only when it is news: a change on the day of publication is not. */
function Updated({ page }: { page: PublicPage }) {
  const updated = formatDate(page.updated_at);
  if (page.updated_at <= page.published_at || updated === formatDate(page.published_at))
    return null;
  return (
    <span>
      updated <time dateTime={page.updated_at}>{updated}</time>
    </span>
  );
}

const LINES = ['w-full', 'w-11/12', 'w-full ', 'w-10/12', 'w-8/12'];

export function ProseSkeleton() {
  return (
    <div className="mt-10 grid gap-4">
      {LINES.map(width => (
        <Bone key={width} className={`h-4 ${width}`} />
      ))}
    </div>
  );
}
