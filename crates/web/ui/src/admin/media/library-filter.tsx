import { useQuery } from '@tanstack/react-query';
import { ToggleButton } from 'react-aria-components';
import { fill } from '../../i18n/language';
import { SearchBox } from '../../ui/search-box';
import { Select } from '../../ui/select';
import { mediaSummaryQuery } from '../queries';
import { useWords } from '../words/words';
import { KINDS, type useLibraryPlace } from './use-library-place';

/** Narrows the library. */
export function LibraryFilter({ place }: { place: ReturnType<typeof useLibraryPlace> }) {
  const said = useWords().library;
  const { data: summary } = useQuery(mediaSummaryQuery);
  const { filter } = place;
  const tags = summary?.tags ?? [];
  // A tag that the address names, but no file has any more.
  const lost = filter.tag && !tags.some(({ tag }) => tag === filter.tag) ? [filter.tag] : [];
  return (
    <div className="mb-4 flex flex-wrap items-center gap-3">
      <SearchBox label={said.search} value={place.typed} onChange={place.setTyped} />
      <Select
        label={said.kind}
        value={filter.kind}
        onChange={place.setKind}
        options={KINDS.map(value => ({ value, label: said[`kind_${value}`] }))}
      />
      {(tags.length > 0 || filter.tag) && (
        <Select
          label={said.tag}
          value={filter.tag}
          onChange={place.setTag}
          options={[
            { value: '', label: said.any_tag },
            ...lost.map(tag => ({ value: tag, label: tag })),
            ...tags.map(({ tag, files }) => ({ value: tag, label: `${tag} (${files})` })),
          ]}
        />
      )}
      <ToggleButton
        isSelected={filter.unused}
        onChange={place.setUnused}
        className="h-10 cursor-pointer rounded-lg border border-line-strong bg-surface px-3 text-[0.9375rem] text-ink-soft hover:bg-sunken data-selected:border-accent data-selected:bg-accent-soft data-selected:text-accent-strong"
      >
        {summary ? fill(said.unused_count, { count: summary.unused_files }) : said.unused}
      </ToggleButton>
    </div>
  );
}
