import type { View } from '../api/types';
import { Article } from './article';
import { HomeView } from './home-view';
import type { Go } from './navigation';
import { NotFound } from './not-found';
import { SearchView } from './search-view';
import { SiteMapView } from './site-map-view';
import { TagsView, TagView } from './tag-views';

/** Views that few visitors want come when they are wanted. */
let later: typeof import('./later-views') | null = null;

/** Fetches what the view needs besides itself. */
export async function prepare({ content: { kind } }: View): Promise<void> {
  if (kind === 'form' || kind === 'confirm' || kind === 'preview') {
    later ??= await import('./later-views');
  }
}

type Props = { view: View; go: Go };

/** What the server writes as HTML, to the letter, for each kind of view: crates/api/src/page/document.rs. */
export function Content({ view, go }: Props) {
  const { content } = view;
  switch (content.kind) {
    case 'home':
      return <HomeView site={view.site} page={content.page ?? null} list={content.list} />;
    case 'page':
      return <Article key={content.page.slug} page={content.page} lang={view.language} />;
    case 'tag':
      return <TagView key={content.tag} tag={content.tag} list={content.list} />;
    case 'tags':
      return <TagsView tags={content.tags} />;
    case 'search':
      return <SearchView q={content.q} list={content.list} go={go} />;
    case 'site-map':
      return <SiteMapView pages={content.pages} />;
    case 'form':
      return later && <later.FormView key={content.form.slug} form={content.form} />;
    case 'confirm':
      return later && <later.ConfirmView />;
    case 'preview':
      return later && <later.PreviewView lang={view.language} />;
    default:
      return <NotFound />;
  }
}
