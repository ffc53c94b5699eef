import { useQuery } from '@tanstack/react-query';
import { siteQuery } from '../../api/queries';
import { fill } from '../../i18n/language';
import { Choice } from '../../ui/choice';
import { formatLanguage } from '../../ui/format';
import { SearchBox } from '../../ui/search-box';
import { Select } from '../../ui/select';
import { type PageFilter, tagsQuery } from '../queries';
import { usePlace } from '../use-place';
import { words } from '../words/words';

const STATUSES = ['all', 'published', 'draft', 'changed'] as const;

/** Which pages are listed. */
export function usePagesPlace() {
  const place = usePlace();
  const { q, get } = place;
  const filter: PageFilter = {
    q,
    status: STATUSES.find(one => one === get('status')) ?? 'all',
    tag: get('tag'),
    language: get('language'),
    missing: get('missing'),
  };
  return { ...place, filter };
}

/** Narrows the list of pages. What the site has nothing of is not asked for. */
export function PagesFilter({ place }: { place: ReturnType<typeof usePagesPlace> }) {
  const said = words().pages;
  const { filter, typed, setTyped, set } = place;
  const { data: site } = useQuery(siteQuery);
  const { data: known } = useQuery(tagsQuery);
  const tags = withAsked(known?.map(({ tag }) => tag) ?? [], filter.tag);
  const languages = site && site.languages.length > 0 ? [site.language, ...site.languages] : [];
  const ofSite = withAsked(languages, filter.language);
  const missing = withAsked(languages, filter.missing);
  return (
    <div className="mb-4 flex flex-wrap items-center gap-3">
      <SearchBox label={said.search} value={typed} onChange={setTyped} />
      <Choice
        label={said.show}
        className="flex-wrap"
        options={STATUSES.map(value => ({ value, label: said.filters[value] }))}
        value={filter.status}
        onChange={status => set({ status: status === 'all' ? '' : status })}
      />
      {tags.length > 0 && (
        <Select
          label={said.tag}
          value={filter.tag}
          onChange={tag => set({ tag })}
          options={[
            { value: '', label: said.all_tags },
            ...tags.map(tag => ({ value: tag, label: tag })),
          ]}
        />
      )}
      {ofSite.length > 0 && (
        <Select
          label={said.language}
          value={filter.language}
          onChange={language => set({ language })}
          options={[
            { value: '', label: said.all_languages },
            ...ofSite.map(tag => ({ value: tag, label: formatLanguage(tag) })),
          ]}
        />
      )}
      {missing.length > 0 && (
        <Select
          label={said.translations}
          value={filter.missing}
          onChange={tag => set({ missing: tag })}
          options={[
            { value: '', label: said.all_translations },
            ...missing.map(tag => ({
              value: tag,
              label: fill(said.missing_in, { language: formatLanguage(tag) }),
            })),
          ]}
        />
      )}
    </div>
  );
}

/** What the address asks for can be gone by now: it stays to be seen, and to be taken away. */
const withAsked = (known: string[], asked: string): string[] =>
  asked === '' || known.includes(asked) ? known : [asked, ...known];
