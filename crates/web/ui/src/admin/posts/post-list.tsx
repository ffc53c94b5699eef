import { ExternalLink } from 'lucide-react';
import { useState } from 'react';
import type { OutboxEntry } from '../../api/types';
import { fill } from '../../i18n/language';
import { buttonClass } from '../../ui/button-class';
import { formatAgo, formatDateTime } from '../../ui/format';
import { CancelButton, canBeTakenBack } from '../outbox/cancel-button';
import { LetterDialog } from '../outbox/letter-dialog';
import { RetryButton } from '../outbox/retry-button';
import { StateBadge } from '../outbox/state-badge';
import { useMay } from '../session/use-may';
import { words } from '../words/words';

/** Where each post stands, and what can be done about it. */
export function PostList({ posts }: { posts: OutboxEntry[] }) {
  const said = words().posts;
  const [shown, setShown] = useState<string | null>(null);
  return (
    <>
      <ul
        aria-label={said.title}
        className="divide-y divide-line overflow-hidden rounded-xl border border-line bg-surface shadow-card"
      >
        {posts.map(post => (
          <Row key={post.id} post={post} onShow={() => setShown(post.id)} />
        ))}
      </ul>
      <LetterDialog id={shown} onClose={() => setShown(null)} />
    </>
  );
}

function Row({ post, onShow }: { post: OutboxEntry; onShow: () => void }) {
  const said = words().posts;
  const { outbox } = words();
  const maySendAgain = useMay('admin');
  const network = outbox.kinds[post.kind];
  return (
    <li className="relative flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3.5 hover:bg-sunken md:px-5">
      <div className="min-w-0 flex-1 basis-48">
        <button
          type="button"
          onClick={onShow}
          className="block w-full cursor-pointer truncate text-left font-medium after:absolute after:inset-0 after:content-['']"
        >
          {network}
          <span className="ml-2 font-normal text-ink-faint">{post.target}</span>
        </button>
        <p className="truncate text-sm text-ink-faint">
          <time dateTime={post.created_at} title={formatDateTime(post.created_at)}>
            {formatAgo(post.created_at)}
          </time>
          {post.state === 'queued' &&
            post.next_at &&
            `, ${fill(said.not_before, { time: formatDateTime(post.next_at) })}`}
        </p>
        {post.last_error && <p className="text-sm break-words text-danger">{post.last_error}</p>}
      </div>
      <StateBadge state={post.state} />
      <div className="relative z-1 flex gap-2 empty:hidden">
        {post.receipt?.startsWith('https://') && (
          <a
            className={buttonClass('plain')}
            href={post.receipt}
            target="_blank"
            rel="noopener noreferrer"
          >
            <ExternalLink aria-hidden /> {said.see}
          </a>
        )}
        {post.state === 'dead' && maySendAgain && <RetryButton id={post.id} />}
        {canBeTakenBack(post) && <CancelButton entry={post} />}
      </div>
    </li>
  );
}
