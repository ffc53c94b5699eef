import { useQuery } from '@tanstack/react-query';
import { answer, api } from '../api/client';
import { isApiError } from '../api/problem';
import { siteQuery } from '../api/public-queries';
import { useArrivalFocus, useTitle } from '../ui/hooks';
import { useLinkToken } from '../ui/link-token';
import { ErrorNotice, Notice } from '../ui/notice';
import { ProseSkeleton } from './page-view';
import { RenderedPage } from './rendered-page';

/** A page that is not published, for those who were sent a link to it. */
export default function PreviewView() {
  const token = useLinkToken();
  const { data: site } = useQuery(siteQuery);
  const heading = useArrivalFocus<HTMLHeadingElement>();
  const page = useQuery({
    queryKey: ['preview', token],
    queryFn: async () => (await answer(api.POST('/api/v1/preview', { body: { token } }))).data,
    gcTime: 0,
  });
  useTitle(page.data?.title ?? 'Preview', site?.title);
  return (
    <article className="mx-auto max-w-[44rem] px-4 pt-12 sm:px-6 sm:pt-16">
      <meta name="robots" content="noindex" />
      {page.data ? (
        <>
          <p className="mb-6 rounded-lg bg-warn-soft px-4 py-2 text-sm text-warn">
            This is a preview. The page may not be published, or look different there.
          </p>
          <h1 ref={heading} tabIndex={-1} className="mb-4 text-4xl font-bold sm:text-5xl">
            {page.data.title}
          </h1>
          {page.data.summary && (
            <p className="mb-10 text-xl leading-relaxed text-ink-soft">{page.data.summary}</p>
          )}
          <RenderedPage html={page.data.html} lang={site?.language} />
        </>
      ) : isApiError(page.error, 'link-gone') ? (
        <Notice title="This link does not hold any more">
          Ask for a new one where you got it from.
        </Notice>
      ) : page.isError ? (
        <ErrorNotice error={page.error} onRetry={page.refetch} />
      ) : (
        <ProseSkeleton />
      )}
    </article>
  );
}
