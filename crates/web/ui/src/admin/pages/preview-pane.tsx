import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { Ref } from 'react';
import { answer, api } from '../../api/client';
import { useDebounced } from '../../ui/hooks';
import { ErrorNotice } from '../../ui/notice';
import { ServerHtml } from '../../ui/server-html';
import { useWords } from '../words/words';

type Props = {
  title: string;
  summary: string;
  body: string;
  ref: Ref<HTMLDivElement>;
  onScroll: () => void;
};

/** The page as visitors will see it, rendered by the same code on the server. */
export function PreviewPane({ title, summary, body, ref, onScroll }: Props) {
  const said = useWords().editor;
  const settled = useDebounced(body, 300);
  const preview = useQuery({
    // The text is the key: an answer can only ever be shown for the newest one, and the request for an older one is
    // aborted. The plain client is used, because a preview alone should not ask anyone to sign in.
    queryKey: ['preview', settled],
    queryFn: async ({ signal }) =>
      (await answer(api.POST('/api/v1/admin/preview', { body: { body: settled }, signal }))).data
        .html,
    enabled: settled.trim() !== '',
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 10_000,
  });
  const html = settled.trim() === '' ? '' : (preview.data ?? '');
  return (
    <section
      ref={ref}
      aria-label={said.preview}
      onScroll={onScroll}
      // Long texts scroll here, so the keyboard must reach it.
      // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
      tabIndex={0}
      className="min-h-96 flex-1 overflow-y-auto px-5 py-8 sm:px-8 lg:min-h-0"
    >
      <div className="mx-auto max-w-[44rem]">
        {preview.isError && (
          <div className="mb-6">
            <ErrorNotice error={preview.error} onRetry={preview.refetch} />
          </div>
        )}
        {title && (
          <p className="text-4xl leading-[1.12] font-bold tracking-tight text-balance">{title}</p>
        )}
        {summary && <p className="mt-4 text-xl leading-relaxed text-ink-soft">{summary}</p>}
        {html ? (
          <ServerHtml className={`prose ${title || summary ? 'mt-8' : ''}`} html={html} />
        ) : (
          body === '' &&
          !title && <p className="pt-16 text-center text-ink-faint">{said.preview_empty}</p>
        )}
      </div>
    </section>
  );
}
