import { useInfiniteQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import type { PageRow } from '../../api/types';
import { INPUT } from '../../ui/field';
import { useDebounced } from '../../ui/hooks';
import { ErrorNotice } from '../../ui/notice';
import { ALL_PAGES, pagesQuery } from '../queries';
import { words } from '../words/words';

/** What is known of a page that can be chosen. */
export type PageChoice = Pick<PageRow, 'id' | 'title' | 'slug' | 'status'>;

type Props = {
  page: PageChoice | null;
  onChoose: (page: PageChoice) => void;
  label?: string;
};

/** Finds a page by its words. */
export function PageField({ page, onChoose, label }: Props) {
  const said = words().pages.page_field;
  const id = useId();
  const [typed, setTyped] = useState('');
  const q = useDebounced(typed.trim(), 200);
  const found = useInfiniteQuery({ ...pagesQuery({ ...ALL_PAGES, q }), enabled: q !== '' });
  const pages = found.data?.pages[0]?.items.slice(0, 6);
  return (
    <div>
      <label htmlFor={id} className="mb-1.5 block text-sm font-medium text-ink-soft">
        {label ?? said.page}
      </label>
      <input
        id={id}
        type="search"
        autoComplete="off"
        placeholder={page?.title ?? said.find}
        value={typed}
        onChange={event => setTyped(event.target.value)}
        className={`${INPUT} h-10`}
      />
      {q !== '' && found.isError && <ErrorNotice error={found.error} onRetry={found.refetch} />}
      {q !== '' && pages && (
        <ul aria-label={said.choose} className="mt-2 grid gap-0.5">
          {pages.length === 0 && <li className="px-3 py-2 text-ink-soft">{said.nothing}</li>}
          {pages.map(({ id: found_id, title, slug, status }) => (
            <li key={found_id}>
              <button
                type="button"
                onClick={() => {
                  onChoose({ id: found_id, title, slug, status });
                  setTyped('');
                }}
                className="flex w-full cursor-pointer items-baseline gap-3 rounded-lg px-3 py-2 text-left hover:bg-sunken"
              >
                <span className="min-w-0 flex-1 truncate font-medium">{title}</span>
                <span className="max-w-[50%] truncate text-sm text-ink-faint">/{slug}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
