import type { PageCard, PublicPage, Site } from '../api/types';
import { ServerHtml } from '../ui/server-html';
import { words } from '../words/words';
import { type List, PageList } from './page-list';

type Props = { site: Site; page: PublicPage | null; list: List<PageCard> };

export function HomeView({ site, page, list }: Props) {
  return (
    <>
      <section className="hero hero-home">
        <div className="field-lines field-lines-fading" aria-hidden="true" />
        <div className="bar">
          <h1 tabIndex={-1}>{site.title}</h1>
          {site.description && <p className="lead">{site.description}</p>}
        </div>
      </section>
      {page && (
        <div className="home-text">
          <ServerHtml className="prose" lang={site.language} html={page.html} />
        </div>
      )}
      <section className="listing" aria-labelledby="pages">
        <h2 id="pages" className="listing-title">
          {words().pages}
        </h2>
        {list.items.length === 0 ? (
          <p className="nothing">{words().no_pages}</p>
        ) : (
          <PageList path="/" list={list} />
        )}
      </section>
    </>
  );
}
