import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answer } from '../../api/client';
import { inOneLine } from '../../api/problem-places';
import { Button } from '../../ui/button';
import { ErrorNotice } from '../../ui/notice';
import { Bone, Loading } from '../../ui/skeleton';
import { say } from '../../ui/toast';
import { forgetOwn, sessionsQuery } from '../queries';
import { adminApi } from '../session/recovery';
import { words } from '../words/words';
import { SessionLine } from './access-lines';
import { Section } from './section';

export function SessionsSection() {
  const said = words().account.sessions;
  const queries = useQueryClient();
  const sessions = useQuery(sessionsQuery);
  const settle = {
    onError: (error: unknown) => say(inOneLine(error), 'danger'),
    onSettled: () => forgetOwn(queries),
  };
  const end = useMutation({
    mutationFn: (id: string) =>
      answer(adminApi.DELETE('/api/v1/auth/sessions/{id}', { params: { path: { id } } })),
    ...settle,
  });
  const endOthers = useMutation({
    mutationFn: () => answer(adminApi.DELETE('/api/v1/auth/sessions')),
    onSuccess: () => say(said.others_ended),
    ...settle,
  });
  return (
    <Section title={said.title} about={said.about}>
      {sessions.isError ? (
        <ErrorNotice error={sessions.error} onRetry={sessions.refetch} />
      ) : !sessions.data ? (
        <Loading what={said.the_sessions}>
          <Bone className="h-16" />
        </Loading>
      ) : (
        <>
          <ul aria-label={said.title} className="divide-y divide-line">
            {sessions.data.map(session => (
              <SessionLine key={session.id} session={session}>
                {session.current ? (
                  <span className="text-sm font-medium text-good">{said.this_one}</span>
                ) : (
                  <Button isDisabled={end.isPending} onPress={() => end.mutate(session.id)}>
                    {said.end}
                  </Button>
                )}
              </SessionLine>
            ))}
          </ul>
          {sessions.data.length > 1 && (
            <Button
              className="mt-3"
              isDisabled={endOthers.isPending}
              onPress={() => endOthers.mutate()}
            >
              {said.end_others}
            </Button>
          )}
        </>
      )}
    </Section>
  );
}
