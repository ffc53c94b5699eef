import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import { answer } from '../../api/client';
import type { PostPreview, SocialNetwork } from '../../api/types';
import { fill } from '../../i18n/language';
import { formatNumber } from '../../ui/format';
import { useDebounced } from '../../ui/hooks';
import { ErrorNotice } from '../../ui/notice';
import { adminApi } from '../session/recovery';
import { words } from '../words/words';

type Draft = { networks: SocialNetwork[]; text: string; link: string | null };

/** Each network counts in its own way, which the server knows. */
const previewQuery = (draft: Draft) =>
  queryOptions({
    queryKey: ['admin', 'post-preview', draft],
    queryFn: async ({ signal }) =>
      (await answer(adminApi.POST('/api/v1/admin/posts/preview', { body: draft, signal }))).data,
    enabled: draft.networks.length > 0 && draft.text.trim() !== '',
    placeholderData: keepPreviousData,
    staleTime: 0,
    gcTime: 0,
  });

export function PostPreviews(draft: Draft) {
  const said = words().posts;
  const settled = useDebounced(JSON.stringify(draft), 250);
  const previews = useQuery(previewQuery(JSON.parse(settled) as Draft));
  const isEmpty = draft.networks.length === 0 || draft.text.trim() === '';
  const shown = isEmpty
    ? []
    : (previews.data ?? []).filter(({ network }) => draft.networks.includes(network));
  return (
    <section aria-label={said.preview} className="grid content-start gap-4">
      {isEmpty && (
        <p className="rounded-xl border border-dashed border-line-strong px-6 py-14 text-center text-ink-soft">
          {said.preview_nothing}
        </p>
      )}
      {!isEmpty && previews.isError && (
        <ErrorNotice error={previews.error} onRetry={previews.refetch} />
      )}
      {shown.map(preview => (
        <Preview key={preview.network} preview={preview} />
      ))}
    </section>
  );
}

function Preview({
  preview: { network, text, length, limit, problem, live },
}: {
  preview: PostPreview;
}) {
  const said = words().posts;
  const over = length - limit;
  const tone = over > 0 ? 'bg-danger' : length > limit * 0.9 ? 'bg-warn' : 'bg-good';
  const count = fill(said.counts, { length: formatNumber(length), limit: formatNumber(limit) });
  return (
    <article
      aria-label={words().outbox.kinds[network]}
      className="overflow-hidden rounded-xl border border-line bg-surface shadow-card"
    >
      <header className="flex items-baseline justify-between gap-4 px-5 pt-4">
        <h3 className="font-semibold">{words().outbox.kinds[network]}</h3>
        <p
          className={`text-sm tabular-nums ${over > 0 ? 'font-semibold text-danger' : 'text-ink-faint'}`}
        >
          {count}
          {over > 0 && `, ${fill(said.over, { count: formatNumber(over) })}`}
        </p>
      </header>
      <p className="px-5 py-3 break-words whitespace-pre-wrap">{text}</p>
      {(problem || !live) && (
        <p className={`px-5 pb-4 text-sm ${problem ? 'text-danger' : 'text-ink-faint'}`}>
          {problem ?? said.recorded}
        </p>
      )}
      <div aria-hidden className="h-1 bg-sunken">
        <div
          className={`h-full transition-[width] ${tone}`}
          style={{ width: `${Math.min(100, (length / limit) * 100)}%` }}
        />
      </div>
    </article>
  );
}
