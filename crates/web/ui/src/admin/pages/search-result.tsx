import { words } from '../words/words';

type Props = { title: string; slug: string; description: string; hidden: boolean };

/** Characters of which search engines show about as many. */
const SHOWN = { title: 60, description: 160 };

/** The page as a search engine would show it, cut as it cuts. */
export function SearchResult({ title, slug, description, hidden }: Props) {
  const said = words().pages.found;
  return (
    <figure className="rounded-xl border border-line bg-sunken p-4">
      <figcaption className="text-sm text-ink-faint">{said.title}</figcaption>
      {hidden ? (
        <p className="mt-2">{said.hidden}</p>
      ) : (
        <>
          <p className="mt-2 truncate text-sm text-ink-soft">
            {location.host} › {slug.split('/').join(' › ')}
          </p>
          <p className="mt-0.5 text-lg break-words text-accent">{cut(title, SHOWN.title)}</p>
          <p className="mt-0.5 text-sm break-words text-ink-soft">
            {cut(description, SHOWN.description) || said.no_summary}
          </p>
        </>
      )}
    </figure>
  );
}

/** Cut at the end of a word. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  const end = text.lastIndexOf(' ', max - 1);
  return `${text.slice(0, end > 0 ? end : max - 1)} …`;
}
