import type { Thanks } from '../api/types';
import { fill, locale } from '../i18n/language';
import { ServerHtml } from '../ui/server-html';
import { words } from '../words/words';

/** What the team says, and what the form gives, once it was sent or the address was confirmed. */
export function Given({ thanks: { html, link, starts_at } }: { thanks: Thanks }) {
  return (
    <>
      {html !== '' && <ServerHtml className="prose" html={html} />}
      {starts_at && <p>{fill(words().begins, { time: moment(starts_at) })}</p>}
      {link && (
        <p>
          <a className="button button-primary" href={link}>
            {link.startsWith('/media/') ? words().download : words().open}
          </a>
        </p>
      )}
    </>
  );
}

/** As the clock of the visitor shows it. */
const moment = (iso: string): string =>
  new Intl.DateTimeFormat(locale(), { dateStyle: 'full', timeStyle: 'short' }).format(
    new Date(iso),
  );
