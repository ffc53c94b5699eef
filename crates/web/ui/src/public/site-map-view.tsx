import type { PageName } from '../api/types';
import { words } from '../words/words';

export function SiteMapView({ pages }: { pages: PageName[] }) {
  return (
    <div className="listing">
      <h1 tabIndex={-1}>{words().site_map}</h1>
      {pages.length === 0 ? (
        <p className="nothing">{words().no_pages}</p>
      ) : (
        <ul className="names">
          {pages.map(({ path, title }) => (
            <li key={path}>
              <a href={path}>{title}</a>
            </li>
          ))}
        </ul>
      )}
      <p className="actions">
        <a className="button" href="/tags">
          {words().tags}
        </a>
      </p>
    </div>
  );
}
