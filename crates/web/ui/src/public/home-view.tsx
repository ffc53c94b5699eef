import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { publicPageQuery, publicPagesQuery, siteQuery } from '../api/public-queries';
import type { PageCard } from '../api/types';
import { useArrivalFocus, useTitle } from '../ui/hooks';
import { LoadMore } from '../ui/load-more';
import { ErrorNotice } from '../ui/notice';
import { Bone } from '../ui/skeleton';
import { PageList, PageListSkeleton } from './page-list';
import { ProseSkeleton } from './page-view';
import { RenderedPage } from './rendered-page';

const HOME_SLUG = 'home';

export function HomeView() {
  const { data: site } = useQuery(siteQuery);
  const list = useInfiniteQuery(publicPagesQuery(''));
  const pages = list.data?.pages.flatMap(part => part.items);
  useTitle(site?.title);
  return (
    <>
      {site?.description && <meta name="description" content={site.description} />}
      <Hero title={site?.title} description={site?.description} lang={site?.language} />
      {pages && <HomePage maybe={list.hasNextPage || pages.some(isHome)} lang={site?.language} />}
      <section aria-labelledby="pages" className="mx-auto mt-14 max-w-5xl px-4 sm:px-6">
        <h2 id="pages" className="mb-4 text-sm font-semibold tracking-wide text-ink-faint">
          Pages
        </h2>
        {pages ? (
          <Pages pages={pages.filter(page => !isHome(page))} lang={site?.language} />
        ) : list.isError ? (
          <ErrorNotice error={list.error} onRetry={list.refetch} />
        ) : (
          <PageListSkeleton />
        )}
        <LoadMore query={list} />
      </section>
    </>
  );
}

const isHome = (page: PageCard) => page.slug === HOME_SLUG;

type HeroProps = {
  title: string | undefined;
  description: string | undefined;
  lang: string | undefined;
};

function Hero({ title, description, lang }: HeroProps) {
  const heading = useArrivalFocus<HTMLHeadingElement>();
  return (
    <section className="relative isolate overflow-hidden border-b border-line bg-surface">
      <div
        aria-hidden="true"
        className="field-lines field-lines-fading absolute inset-y-0 right-0 -z-10 w-full text-ink/[0.07] sm:w-3/5 sm:text-ink/[0.13]"
      />
      <div lang={lang} className="mx-auto max-w-5xl px-4 py-16 sm:px-6 sm:py-24">
        <h1
          ref={heading}
          tabIndex={-1}
          className="max-w-2xl text-4xl leading-[1.08] font-bold sm:text-6xl"
        >
          {title ?? <Bone className="h-[1.08em] w-64 max-w-full" />}
        </h1>
        {title === undefined ? (
          <Bone className="mt-7 mb-2 h-5 w-80 max-w-full" />
        ) : (
          description && (
            <p className="mt-5 max-w-xl text-lg leading-relaxed text-ink-soft sm:text-xl">
              {description}
            </p>
          )
        )}
      </div>
    </section>
  );
}

/**
 * The page called `home`, when there is one. It is asked for only when the list does not already rule it out, so that
 * a site without one does not begin every visit with a 404.
 */
function HomePage({ maybe, lang }: { maybe: boolean; lang: string | undefined }) {
  const home = useQuery({ ...publicPageQuery(HOME_SLUG), enabled: maybe });
  if (!maybe || home.isError) return null;
  return (
    <div className="mx-auto max-w-5xl px-4 pt-12 sm:px-6">
      <div className="max-w-[44rem]">
        {home.data ? <RenderedPage html={home.data.html} lang={lang} /> : <ProseSkeleton />}
      </div>
    </div>
  );
}

function Pages({ pages, lang }: { pages: PageCard[]; lang: string | undefined }) {
  if (pages.length > 0) return <PageList pages={pages} lang={lang} />;
  return (
    <p className="border-y border-line py-10 text-ink-soft">No pages have been published yet.</p>
  );
}
