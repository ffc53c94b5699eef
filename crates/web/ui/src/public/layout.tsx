import { useRef } from 'react';
import type { View } from '../api/types';
import { ErrorBoundary } from '../ui/error-boundary';
import { SearchIcon } from '../ui/icons';
import { Logo } from '../ui/logo';
import { ErrorNotice } from '../ui/notice';
import { ThemeButton } from '../ui/theme-button';
import { words } from '../words/words';
import { Languages } from './languages';
import type { Go } from './navigation';
import { SiteMenu, SiteMenuButton } from './site-menu';
import type { Shown } from './view';
import { Content } from './views';

type Props = { shown: Shown; isLoading: boolean; go: Go };

/** What stands around every view. The server writes the same: crates/api/src/page/layout.rs. */
export function Layout({ shown, isLoading, go }: Props) {
  const { site, feeds = '', menu = [] } = useLastView(shown) ?? {};
  const {
    skip,
    site: label,
    search,
    site_map,
    feed,
    sign_in,
    made_with,
    menu: menu_label,
  } = words();
  return (
    <div className="site">
      <a className="skip-link" href="#main">
        {skip}
      </a>
      {site?.notice && (
        <p className="site-notice" role="status">
          {site.notice}
        </p>
      )}
      <header className="site-header">
        <div className="bar">
          <a className="brand" href="/">
            {site?.logo ? (
              <img className="logo" src={site.logo} alt="" />
            ) : (
              <Logo className="logo" />
            )}
            <span>{site?.title}</span>
          </a>
          <SiteMenu key={shown.address} items={menu} label={menu_label} />
          <nav className="site-tools" aria-label={label}>
            {shown.view && <Languages view={shown.view} />}
            <a className="tool search-link" href="/search">
              <SearchIcon className="icon" />
              <span>{search}</span>
            </a>
            <ThemeButton className="tool theme-button" />
            <SiteMenuButton items={menu} label={menu_label} />
          </nav>
        </div>
      </header>
      <main id="main" tabIndex={-1} aria-busy={isLoading || undefined}>
        {shown.view ? (
          <ErrorBoundary key={placeOf(shown)}>
            <Content view={shown.view} go={go} />
          </ErrorBoundary>
        ) : (
          shown.error !== undefined && (
            <div className="narrow">
              <ErrorNotice error={shown.error} onRetry={() => go(shown.address, 'replace')} />
            </div>
          )
        )}
      </main>
      <footer className="site-footer">
        <div className="bar">
          <p>{site?.title}</p>
          <p className="site-links">
            {site?.contact && <a href={`mailto:${site.contact}`}>{site.contact}</a>}
            <a href="/sitemap">{site_map}</a>
            <a href={`${feeds}/feed.xml`}>{feed}</a>
            <a href="/admin">{sign_in}</a>
            <span>{made_with}</span>
          </p>
        </div>
      </footer>
    </div>
  );
}

/** What begins anew with each address; a search goes on while one types. */
const placeOf = ({ view, address }: Shown) =>
  view?.content.kind === 'search' ? 'search' : address;

/** A view that could not be had leaves the site around it as it was. */
function useLastView({ view }: Shown): View | undefined {
  const last = useRef(view ?? undefined);
  if (view) last.current = view;
  return last.current;
}
