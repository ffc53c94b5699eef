import { words } from '../words/words';
import { buttonClass } from './button-class';

type Props = {
  query: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
};

export function LoadMore({ query }: Props) {
  if (!query.hasNextPage) return null;
  return (
    <p className="mt-6 flex justify-center">
      <button
        type="button"
        className={buttonClass('plain')}
        aria-disabled={query.isFetchingNextPage}
        onClick={() => !query.isFetchingNextPage && query.fetchNextPage()}
      >
        {query.isFetchingNextPage ? words().loading : words().more}
      </button>
    </p>
  );
}
