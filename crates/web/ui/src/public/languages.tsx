import type { View } from '../api/types';
import { words } from '../words/words';

/** The same page in other languages, and this one among them; nothing where there is only one. */
export function Languages({ view }: { view: View }) {
  const { content, site, language } = view;
  const page = content.kind === 'page' || content.kind === 'home' ? content.page : null;
  if (!page || page.translations.length === 0) return null;
  return (
    <ul className="languages" aria-label={words().languages}>
      {page.translations.map(({ language: tag = null, slug, title }) => (
        <li key={slug}>
          <a
            href={slug === 'home' ? '/' : `/${slug}`}
            lang={tag ?? site.language}
            hrefLang={tag ?? site.language}
            title={title}
            aria-current={(tag ?? site.language) === language ? 'true' : undefined}
          >
            {(tag ?? site.language).toUpperCase()}
          </a>
        </li>
      ))}
    </ul>
  );
}
