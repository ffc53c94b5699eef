import { useEffect, useState } from 'react';
import type { PageCard } from '../api/types';
import { fill } from '../i18n/language';
import { useDebounced } from '../ui/hooks';
import { SearchIcon } from '../ui/icons';
import { words } from '../words/words';
import type { Go } from './navigation';
import { type List, PageList } from './page-list';

type Props = { q: string; list: List<PageCard>; go: Go };

export function SearchView({ q, list, go }: Props) {
  const [typed, setTyped] = useState(q);
  const [asked, setAsked] = useState(q);
  const settled = useDebounced(typed.trim(), 250);

  // The view follows the typing; `replace` keeps the Back button useful.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each pause in the typing
  useEffect(() => {
    if (settled !== q) go(searchPath(settled), 'replace');
  }, [settled]);

  // And the typing follows the view, when a link or the Back button changed it.
  if (q !== asked) {
    setAsked(q);
    if (q !== settled) setTyped(q);
  }

  const { search, search_label, search_hint, search_empty, results } = words();
  return (
    <div className="listing">
      <h1>{search}</h1>
      <search>
        <form className="search-form" action="/search" onSubmit={event => event.preventDefault()}>
          <SearchIcon className="icon" />
          <input
            type="search"
            name="q"
            aria-label={search_label}
            placeholder={search_hint}
            autoComplete="off"
            value={typed}
            onChange={event => setTyped(event.target.value)}
          />
        </form>
      </search>
      <section className="results" aria-labelledby="results">
        <h2 id="results" className="sr-only">
          {results}
        </h2>
        <p className="found" role="status">
          {q === '' ? search_empty : found(q, list)}
        </p>
        {list.items.length > 0 && <PageList key={q} path={searchPath(q)} list={list} />}
        {list.items.length === 0 && q !== '' && <NothingFound />}
      </section>
    </div>
  );
}

const searchPath = (q: string) => (q ? `/search?${new URLSearchParams({ q })}` : '/search');

function found(q: string, { items, next_cursor }: List<PageCard>): string {
  const { found_first, found_one, found_many } = words();
  const count = items.length;
  return fill(next_cursor ? found_first : count === 1 ? found_one : found_many, { count, q });
}

function NothingFound() {
  return (
    <div className="nothing-found">
      <p className="nothing-found-title">{words().nothing_found}</p>
      <p>{words().nothing_found_hint}</p>
    </div>
  );
}
