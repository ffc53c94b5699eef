import type { PageCard, TagCount } from '../api/types';
import { fill } from '../i18n/language';
import { words } from '../words/words';
import { tagPath } from './article';
import { type List, PageList } from './page-list';

export function TagView({ tag, list }: { tag: string; list: List<PageCard> }) {
  return (
    <div className="listing">
      <h1 tabIndex={-1}>{fill(words().tagged, { tag })}</h1>
      <h2 className="sr-only">{words().pages}</h2>
      <PageList path={tagPath(tag)} list={list} />
    </div>
  );
}

export function TagsView({ tags }: { tags: TagCount[] }) {
  return (
    <div className="listing">
      <h1 tabIndex={-1}>{words().tags}</h1>
      {tags.length === 0 ? (
        <p className="nothing">{words().no_tags}</p>
      ) : (
        <ul className="tags tags-large">
          {tags.map(({ tag, pages }) => (
            <li key={tag}>
              <a href={tagPath(tag)}>
                {tag}
                <span>{pages}</span>
              </a>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
