import { type MouseEvent, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import type { PageCard } from '../api/types';
import { ErrorNotice } from '../ui/notice';
import { ServerHtml } from '../ui/server-html';
import { dateInWords, words } from '../words/words';
import { askForView } from './view';

export type List<T> = { items: T[]; next_cursor?: string | null };

/** Pages one below the other. The next ones are added below; without a script the link leads to a page of them. */
export function PageList({ path, list }: { path: string; list: List<PageCard> }) {
  const [added, setAdded] = useState<List<PageCard>[]>([]);
  const [state, setState] = useState<{ isLoading?: boolean; error?: unknown }>({});
  const cards = useRef<HTMLUListElement>(null);
  const items = [list, ...added].flatMap(part => part.items);
  const cursor = (added.at(-1) ?? list).next_cursor;
  const next = cursor && `${path}${path.includes('?') ? '&' : '?'}cursor=${cursor}`;

  const more = async (event: MouseEvent) => {
    event.preventDefault();
    if (!next || state.isLoading) return;
    setState({ isLoading: true });
    try {
      const { content } = await askForView(next);
      if (!('list' in content)) return;
      flushSync(() => setAdded(now => [...now, content.list]));
      setState({});
      cards.current?.children[items.length]?.querySelector('a')?.focus();
    } catch (error) {
      setState({ error });
    }
  };

  return (
    <>
      <ul className="cards" ref={cards}>
        {items.map(page => (
          <Card key={page.slug} page={page} />
        ))}
      </ul>
      {state.error !== undefined && <ErrorNotice error={state.error} />}
      {next && (
        <p className="more">
          <a className="button" href={next} onClick={more}>
            {state.isLoading ? words().loading : words().more}
          </a>
        </p>
      )}
    </>
  );
}

function Card({ page }: { page: PageCard }) {
  return (
    <li className="card">
      <time className="card-date" dateTime={page.published_at}>
        {dateInWords(page.published_at)}
      </time>
      <div className="card-text">
        <h3>
          <a href={`/${page.slug}`}>{page.title}</a>
        </h3>
        {page.excerpt ? <ServerHtml html={page.excerpt} /> : page.summary && <p>{page.summary}</p>}
        {page.author && <p className="card-author">{page.author}</p>}
      </div>
    </li>
  );
}
