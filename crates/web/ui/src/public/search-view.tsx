import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useSearchParams } from 'react-router';
import { publicPagesQuery, siteQuery } from '../api/public-queries';
import { plural } from '../ui/format';
import { useArrivalFocus, useDebounced, useTitle } from '../ui/hooks';
import { SearchIcon } from '../ui/icons';
import { LoadMore } from '../ui/load-more';
import { ErrorNotice } from '../ui/notice';
import { PageList, PageListSkeleton } from './page-list';

export default function SearchView() {
  const [parameters, setParameters] = useSearchParams();
  const asked = parameters.get('q') ?? '';
  const [typed, setTyped] = useState(asked);
  const settled = useDebounced(typed.trim(), 250);
  const [seen, setSeen] = useState(asked);
  const field = useArrivalFocus<HTMLInputElement>();
  const { data: site } = useQuery(siteQuery);
  useTitle(asked ? `“${asked}”` : 'Search', site?.title);

  // The address follows the typing; `replace` keeps the Back button useful.
  useEffect(() => {
    setParameters(settled ? { q: settled } : {}, { replace: true });
  }, [settled, setParameters]);

  // And the typing follows the address, when a link or the Back button changed it.
  if (asked !== seen) {
    setSeen(asked);
    if (asked !== settled) setTyped(asked);
  }

  return (
    <div className="mx-auto max-w-5xl px-4 pt-12 sm:px-6 sm:pt-16">
      <h1 className="text-4xl font-bold">Search</h1>
      <search>
        <form className="relative mt-6" onSubmit={event => event.preventDefault()}>
          <SearchIcon className="absolute top-4 left-4 size-5 text-ink-faint" />
          <input
            ref={field}
            type="search"
            aria-label="Search the site"
            placeholder="What are you looking for?"
            autoComplete="off"
            value={typed}
            onChange={event => setTyped(event.target.value)}
            className="h-13 w-full rounded-xl border border-line-strong bg-surface pr-4 pl-12 text-lg shadow-card placeholder:text-ink-faint"
          />
        </form>
      </search>
      <Results q={settled} lang={site?.language} />
    </div>
  );
}

function Results({ q, lang }: { q: string; lang: string | undefined }) {
  const list = useInfiniteQuery({ ...publicPagesQuery(q), enabled: q !== '' });
  const pages = list.data?.pages.flatMap(part => part.items) ?? [];
  const more = list.hasNextPage ? 'The first ' : '';
  const count = `${more}${plural(pages.length, 'page')} for “${q}”`;
  const found = list.isSuccess && !list.isPlaceholderData ? count : '';

  return (
    <section aria-labelledby="results" aria-busy={list.isFetching} className="mt-8">
      <h2 id="results" className="sr-only">
        Results
      </h2>
      <p role="status" className="mb-4 min-h-5 text-sm text-ink-faint">
        {q ? found : 'Type a word or two; results appear as you go.'}
      </p>
      {q !== '' && list.isError && <ErrorNotice error={list.error} onRetry={list.refetch} />}
      {q !== '' && list.isPending && <PageListSkeleton />}
      {q !== '' && list.isSuccess && (
        <div className={list.isPlaceholderData ? 'opacity-60 transition-opacity' : ''}>
          {pages.length > 0 ? <PageList pages={pages} lang={lang} /> : <NothingFound />}
          <LoadMore query={list} />
        </div>
      )}
    </section>
  );
}

function NothingFound() {
  return (
    <div className="rounded-xl border border-dashed border-line-strong px-6 py-12 text-center">
      <p className="font-semibold">Nothing was found</p>
      <p className="mt-1 text-ink-soft">Try fewer words, or another spelling.</p>
    </div>
  );
}
