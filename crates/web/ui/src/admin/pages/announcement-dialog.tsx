import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { answer } from '../../api/client';
import { fieldProblems } from '../../api/problem-places';
import type { Announcement, Page } from '../../api/types';
import { counted } from '../../i18n/language';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { ErrorNotice } from '../../ui/notice';
import { Bone, Loading } from '../../ui/skeleton';
import { say } from '../../ui/toast';
import { NetworksField, PostTextField } from '../posts/post-fields';
import { PostPreviews } from '../posts/post-previews';
import { announcementQuery, forgetAnnouncement } from '../queries';
import { adminApi } from '../session/recovery';
import { words } from '../words/words';

const PATH = '/api/v1/admin/pages/{id}/announcement';

const EMPTY: Announcement = { networks: ['mastodon'], text: '' };

type Props = { page: Page; onClose: () => void };

/** What is posted on social networks when the page is published; of one that is public, now. */
export function AnnouncementDialog({ page, onClose }: Props) {
  const said = words().pages.announcement;
  const { data, error, refetch } = useQuery(announcementQuery(page.id));
  return (
    <Dialog isOpen wide title={said.title} onClose={onClose}>
      {error && data === undefined ? (
        <ErrorNotice error={error} onRetry={refetch} />
      ) : data === undefined ? (
        <Loading what={said.the_announcement}>
          <Bone className="h-60 rounded-xl" />
        </Loading>
      ) : (
        <Fields page={page} announced={data} onClose={onClose} />
      )}
    </Dialog>
  );
}

function Fields({ page, announced, onClose }: Props & { announced: Announcement | null }) {
  const said = words().pages.announcement;
  const queries = useQueryClient();
  const [{ networks, text }, setTyped] = useState(announced ?? EMPTY);
  const params = { path: { id: page.id } };
  const isPublic = page.status === 'published';
  const done = (sentence: string) => {
    say(sentence);
    onClose();
  };
  const keep = useMutation({
    mutationFn: () => answer(adminApi.PUT(PATH, { params, body: { networks, text } })),
    onSuccess: () =>
      done(isPublic ? counted(words().posts.posted, networks.length) : said.announced),
    onSettled: () => forgetAnnouncement(queries, page.id),
  });
  const remove = useMutation({
    mutationFn: () => answer(adminApi.DELETE(PATH, { params })),
    onSuccess: () => done(said.removed),
    onSettled: () => forgetAnnouncement(queries, page.id),
  });
  const isRunning = keep.isPending || remove.isPending;
  const isReady = networks.length > 0 && text.trim() !== '';
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isReady && !isRunning) keep.mutate();
  };
  const { fields } = fieldProblems(keep.error, ['networks', 'text']);
  const problem = (name: string) => fields.find(({ field }) => field === name)?.detail;
  const failure = remove.error ?? (fields.length === 0 ? keep.error : null);
  return (
    <form onSubmit={submit} noValidate className="grid grid-cols-[minmax(0,1fr)] gap-5">
      <p>{isPublic ? said.at_once : said.once}</p>
      {failure && <ErrorNotice error={failure} />}
      <div className="grid grid-cols-[minmax(0,1fr)] gap-5 text-ink md:grid-cols-2">
        <div className="grid content-start gap-4">
          <NetworksField
            networks={networks}
            error={problem('networks')}
            onChange={chosen => setTyped({ text, networks: chosen })}
          />
          <PostTextField
            text={text}
            error={problem('text')}
            onChange={now => setTyped({ networks, text: now })}
          />
        </div>
        <PostPreviews networks={networks} text={text} link={addressOf(page)} />
      </div>
      <div className="flex flex-wrap justify-end gap-2">
        {announced && (
          <Button isDisabled={isRunning} onPress={() => remove.mutate()}>
            {said.remove}
          </Button>
        )}
        <Button type="submit" tone="primary" isDisabled={!isReady || isRunning}>
          {keep.isPending ? said.saving : isPublic ? words().posts.post : said.save}
        </Button>
      </div>
    </form>
  );
}

/** The first page of the site has no name of its own in its address. */
function addressOf({ live_slug, slug }: Page): string {
  const name = live_slug ?? slug;
  return new URL(name === 'home' ? '/' : `/${name}`, location.origin).href;
}
