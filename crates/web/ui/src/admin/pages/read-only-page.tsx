import { ArrowLeft, ExternalLink, History } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'react-router';
import type { Page } from '../../api/types';
import { Button } from '../../ui/button';
import { buttonClass } from '../../ui/button-class';
import { useTitle } from '../../ui/hooks';
import { ServerHtml } from '../../ui/server-html';
import { useArrivalFocus } from '../router-hooks';
import { useWords, words } from '../words/words';
import { RevisionsDialog } from './revisions-dialog';
import { StatusBadge } from './status-badge';

/** A page for those who may look and not write. */
export function ReadOnlyPage({ page }: { page: Page }) {
  const said = useWords().editor;
  const heading = useArrivalFocus<HTMLHeadingElement>();
  const [history, setHistory] = useState(false);
  useTitle(page.title, words().shell.admin);
  return (
    <>
      <div className="sticky top-0 z-10 flex flex-wrap items-center gap-3 border-b border-line bg-paper px-3 py-2.5 sm:px-5">
        <Link
          to="/admin/pages"
          aria-label={said.all_pages}
          className={buttonClass('quiet', 'icon')}
        >
          <ArrowLeft aria-hidden />
        </Link>
        <StatusBadge status={page.status} />
        {page.has_draft && <span className="text-sm text-ink-soft">{said.waiting_draft}</span>}
        <div className="ml-auto flex gap-2">
          <Button onPress={() => setHistory(true)}>
            <History aria-hidden /> {said.revisions}
          </Button>
          {page.status === 'published' && (
            <Link
              reloadDocument
              to={`/${page.live_slug ?? page.slug}`}
              className={buttonClass('plain')}
            >
              <ExternalLink aria-hidden /> {said.view}
            </Link>
          )}
        </div>
      </div>
      <article className="mx-auto max-w-[44rem] px-5 py-8">
        <h1
          ref={heading}
          tabIndex={-1}
          className="text-4xl leading-[1.12] font-bold tracking-tight text-balance"
        >
          {page.title}
        </h1>
        {page.summary && (
          <p className="mt-4 text-xl leading-relaxed text-ink-soft">{page.summary}</p>
        )}
        <ServerHtml className="prose mt-8" html={page.html} />
      </article>
      {history && (
        <RevisionsDialog
          page={page}
          dirty={false}
          onRestore={undefined}
          onClose={() => setHistory(false)}
        />
      )}
    </>
  );
}
