import { useCallback, useEffect, useState } from 'react';
import { isApiError } from '../api/problem';
import type { PreviewPage } from '../api/types';
import { useLinkToken } from '../ui/link-token';
import { ErrorNotice, Notice } from '../ui/notice';
import { ServerHtml } from '../ui/server-html';
import { words } from '../words/words';
import { ask } from './server';

/** A page that is not published, for those who were sent a link to it. */
export function PreviewView({ lang }: { lang: string }) {
  const token = useLinkToken(true);
  const [page, setPage] = useState<PreviewPage | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const text = words();

  const load = useCallback(() => {
    setFailure(null);
    ask<PreviewPage>('/api/v1/preview', { body: { token } }).then(setPage, setFailure);
  }, [token]);
  useEffect(load, [load]);

  return (
    <article className={page ? 'article' : 'article article-waiting'}>
      {page ? (
        <>
          <p className="preview-notice">{text.preview_notice}</p>
          <header>
            <h1 tabIndex={-1}>{page.title}</h1>
            {page.summary && <p className="lead">{page.summary}</p>}
          </header>
          <ServerHtml className="prose" lang={lang} html={page.html} />
        </>
      ) : isApiError(failure, 'link-gone') ? (
        <Notice title={text.link_gone}>{text.link_gone_preview}</Notice>
      ) : (
        failure !== null && <ErrorNotice error={failure} onRetry={load} />
      )}
    </article>
  );
}
