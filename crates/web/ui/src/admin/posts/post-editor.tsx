import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { answer } from '../../api/client';
import { fieldProblems, inOneLine } from '../../api/problem-places';
import type { OutboxEntry, SocialNetwork } from '../../api/types';
import { counted, fill } from '../../i18n/language';
import { Button } from '../../ui/button';
import { Choice } from '../../ui/choice';
import { TextField } from '../../ui/field';
import { formatDateTime } from '../../ui/format';
import { ErrorNotice } from '../../ui/notice';
import { say } from '../../ui/toast';
import { LeaveGuard } from '../leave-guard';
import { fromLocalField } from '../pages/page-dates';
import { forgetOutbox } from '../queries';
import { adminApi } from '../session/recovery';
import { words } from '../words/words';
import { NetworksField, PostTextField } from './post-fields';
import { PostPreviews } from './post-previews';

const EMPTY = { text: '', link: '', when: 'at_once' as 'at_once' | 'later', time: '' };

/** Writes one post for all networks that are chosen, with what each of them makes of it beside it. */
export function PostEditor() {
  const said = words().posts;
  const queries = useQueryClient();
  const [networks, setNetworks] = useState<SocialNetwork[]>(['mastodon']);
  const [typed, setTyped] = useState(EMPTY);
  const [noTime, setNoTime] = useState(false);
  const type = (values: Partial<typeof EMPTY>) => {
    setTyped(before => ({ ...before, ...values }));
    setNoTime(false);
  };

  const link = typed.link.trim() || null;
  const schedule_at = typed.when === 'later' ? fromLocalField(typed.time) : null;
  const body = { networks, text: typed.text, link, schedule_at };
  const post = useMutation({
    mutationFn: async () => (await answer(adminApi.POST('/api/v1/admin/posts', { body }))).data,
    onSuccess: made => {
      setTyped(EMPTY);
      const done = schedule_at
        ? fill(said.scheduled, { time: formatDateTime(schedule_at) })
        : counted(said.posted, made.length);
      say(done, 'good', { undo: () => void takeBack(made).finally(() => forgetOutbox(queries)) });
    },
    onSettled: () => forgetOutbox(queries),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (typed.when === 'later' && !schedule_at) setNoTime(true);
    else if (isReady && !post.isPending) post.mutate();
  };
  const isReady = networks.length > 0 && typed.text.trim() !== '';
  const { fields } = fieldProblems(post.error, ['text', 'link', 'networks', 'schedule_at']);
  const problem = (name: string) => fields.find(({ field }) => field === name)?.detail;

  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-6 lg:grid-cols-2">
      <form
        onSubmit={submit}
        noValidate
        aria-label={said.write}
        className="grid content-start gap-4 rounded-xl border border-line bg-surface p-5 shadow-card sm:p-6"
      >
        {post.error && fields.length === 0 && <ErrorNotice error={post.error} />}
        <NetworksField networks={networks} error={problem('networks')} onChange={setNetworks} />
        <PostTextField
          text={typed.text}
          error={problem('text')}
          onChange={text => type({ text })}
        />
        <TextField
          label={said.link}
          type="url"
          maxLength={2000}
          value={typed.link}
          hint={said.link_hint}
          error={problem('link')}
          onChange={event => type({ link: event.target.value })}
        />
        <div className="flex flex-wrap items-end gap-x-4 gap-y-3">
          <Choice
            label={said.when}
            options={(['at_once', 'later'] as const).map(value => ({ value, label: said[value] }))}
            value={typed.when}
            onChange={when => type({ when })}
          />
          {typed.when === 'later' && (
            <TextField
              label={said.time}
              type="datetime-local"
              className="flex-1 basis-56"
              value={typed.time}
              hint={said.time_hint}
              error={noTime ? said.choose_time : problem('schedule_at')}
              onChange={event => type({ time: event.target.value })}
            />
          )}
        </div>
        <Button
          type="submit"
          tone="primary"
          className="justify-self-start"
          isDisabled={!isReady || post.isPending}
        >
          {post.isPending ? said.posting : typed.when === 'later' ? said.schedule : said.post}
        </Button>
      </form>
      <PostPreviews networks={networks} text={typed.text} link={link} />
      <LeaveGuard active={typed.text.trim() !== '' && !post.isPending} />
    </div>
  );
}

/** What has left meanwhile cannot be taken back, and the server says so. */
async function takeBack(made: OutboxEntry[]) {
  try {
    for (const { id } of made) {
      await answer(adminApi.POST('/api/v1/outbox/{id}/cancel', { params: { path: { id } } }));
    }
    say(words().posts.taken_back);
  } catch (error) {
    say(inOneLine(error), 'danger');
  }
}
