import { useInfiniteQuery } from '@tanstack/react-query';
import { Megaphone } from 'lucide-react';
import { LoadMore } from '../../ui/load-more';
import { ErrorNotice } from '../../ui/notice';
import { Bone, Loading } from '../../ui/skeleton';
import { postsQuery } from '../queries';
import { ViewBody, ViewHeader } from '../view-header';
import { words } from '../words/words';
import { PostEditor } from './post-editor';
import { PostList } from './post-list';

/** Posts on social networks: one is written above, all others are below. */
export function PostsView() {
  const said = words().posts;
  const list = useInfiniteQuery(postsQuery);
  const posts = list.data?.pages
    .flatMap(part => part.items)
    .sort((one, other) => other.created_at.localeCompare(one.created_at));
  return (
    <ViewBody>
      <ViewHeader title={said.title} />
      <PostEditor />
      <h2 className="mt-10 mb-3 text-lg font-semibold">{said.list}</h2>
      {list.isError && !posts ? (
        <ErrorNotice error={list.error} onRetry={list.refetch} />
      ) : !posts ? (
        <Loading what={said.the_posts}>
          <Bone className="h-40 rounded-xl" />
        </Loading>
      ) : posts.length === 0 ? (
        <div className="rounded-xl border border-dashed border-line-strong px-6 py-14 text-center">
          <Megaphone aria-hidden className="mx-auto mb-3 size-8 text-ink-faint" />
          <p className="font-semibold">{said.nothing}</p>
          <p className="mt-1 text-ink-soft">{said.nothing_text}</p>
        </div>
      ) : (
        <>
          <PostList posts={posts} />
          <LoadMore query={list} />
        </>
      )}
    </ViewBody>
  );
}
