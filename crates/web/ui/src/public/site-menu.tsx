import type { PublicMenuItem } from '../api/types';
import { MenuIcon } from '../ui/icons';

const ID = 'site-menu';

type Props = { items: PublicMenuItem[]; label: string };

/**
 * The menu called `main`. What has lines below it opens by itself, without a script. On a narrow screen all of it waits
 * behind the button: the browser opens it over the page, and closes it with Escape or a press beside it.
 */
export function SiteMenu({ items, label }: Props) {
  if (items.length === 0) return null;
  return (
    <nav id={ID} popover="auto" className="site-menu" aria-label={label}>
      <ul>
        {items.map((item, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two lines may be alike
          <li key={at}>{item.items.length > 0 ? <Below item={item} /> : <Line item={item} />}</li>
        ))}
      </ul>
    </nav>
  );
}

/** Shown on a narrow screen only. */
export function SiteMenuButton({ items, label }: Props) {
  if (items.length === 0) return null;
  return (
    <button className="tool menu-button" type="button" popoverTarget={ID} aria-label={label}>
      <MenuIcon className="icon" />
    </button>
  );
}

function Below({ item }: { item: PublicMenuItem }) {
  return (
    <details name="site-menu">
      <summary>{item.label}</summary>
      <ul>
        {item.url && (
          <li>
            <a href={item.url}>{item.label}</a>
          </li>
        )}
        {item.items.map((below, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two lines may be alike
          <li key={at}>
            <Line item={below} />
            {below.items.length > 0 && (
              <ul>
                {below.items.map((last, place) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: two lines may be alike
                  <li key={place}>
                    <Line item={last} />
                  </li>
                ))}
              </ul>
            )}
          </li>
        ))}
      </ul>
    </details>
  );
}

function Line({ item: { label, url } }: { item: PublicMenuItem }) {
  return url ? <a href={url}>{label}</a> : <span>{label}</span>;
}
