import type { PublicPage } from '../api/types';
import { fill } from '../i18n/language';
import { ServerHtml } from '../ui/server-html';
import { dateInWords, words } from '../words/words';

type Props = { page: PublicPage; lang: string };

export function Article({ page, lang }: Props) {
  const [published, updated] = [dateInWords(page.published_at), dateInWords(page.updated_at)];
  // Said only when it is news: a change on the day of publication is not.
  const isUpdated = page.updated_at > page.published_at && updated !== published;
  return (
    <article className="article">
      <header>
        <h1 tabIndex={-1}>{page.title}</h1>
        {page.summary && <p className="lead">{page.summary}</p>}
        <p className="byline">
          {page.author && <span>{page.author}</span>}
          <time dateTime={page.published_at}>{published}</time>
          {isUpdated && (
            <time dateTime={page.updated_at}>{fill(words().updated, { date: updated })}</time>
          )}
        </p>
      </header>
      <ServerHtml className="prose" lang={lang} html={page.html} />
      {page.tags.length > 0 && (
        <ul className="tags" aria-label={words().tags}>
          {page.tags.map(tag => (
            <li key={tag}>
              <a href={tagPath(tag)}>{tag}</a>
            </li>
          ))}
        </ul>
      )}
    </article>
  );
}

export const tagPath = (tag: string): string => `/tags/${encodeURIComponent(tag)}`;
