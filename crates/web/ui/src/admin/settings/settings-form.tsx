import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useRef, useState } from 'react';
import { answer } from '../../api/client';
import { ApiError, isApiError, translated } from '../../api/problem';
import type { Setting, Settings } from '../../api/types';
import { counted } from '../../i18n/language';
import { Button } from '../../ui/button';
import { ErrorNotice, Notice } from '../../ui/notice';
import { say } from '../../ui/toast';
import { Section } from '../account/section';
import { LeaveGuard } from '../leave-guard';
import { forgetSettings, settingsQuery } from '../queries';
import { adminApi } from '../session/recovery';
import { words } from '../words/words';
import { SettingField } from './setting-field';
import { groupOf, SETTING_GROUPS, wordsOfGroup } from './setting-words';

/** New values by name; null for the default. */
type Edits = Record<string, string | null>;

export function SettingsForm({ list }: { list: Settings }) {
  const said = words().settings;
  const queries = useQueryClient();
  const form = useRef<HTMLFormElement>(null);
  const [edits, setEdits] = useState<Edits>({});
  const [errors, setErrors] = useState<Record<string, string>>({});
  const save = useMutation({
    mutationFn: async (values: Edits) => {
      const params = { header: { 'If-Match': `"${list.revision}"` } };
      const body = { values };
      return (await answer(adminApi.PUT('/api/v1/admin/settings', { params, body }))).data;
    },
    onSuccess: (now, sent) => {
      queries.setQueryData(settingsQuery.queryKey, now);
      // What was typed while the server answered stays.
      setEdits(before => without(before, name => before[name] === sent[name]));
      say(said.saved);
      forgetSettings(queries);
    },
    onError: error => {
      if (isApiError(error, 'precondition-failed')) forgetSettings(queries);
      const found = errorsByName(error, list.settings);
      setErrors(found);
      const first = list.settings.find(setting => found[setting.name]);
      const field = first && form.current?.elements.namedItem(first.name);
      if (field instanceof HTMLElement) field.focus();
    },
  });

  const edit = (name: string, value: string | null | undefined) => {
    setEdits(({ [name]: _, ...others }) =>
      value === undefined ? others : { ...others, [name]: value },
    );
    setErrors(({ [name]: _, ...others }) => others);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setErrors({});
    if (count > 0 && !save.isPending) save.mutate(edits);
  };

  const count = Object.keys(edits).length;
  return (
    <form ref={form} onSubmit={submit} noValidate className="grid gap-6">
      {SETTING_GROUPS.map(group => {
        const settings = list.settings.filter(setting => groupOf(setting.name) === group);
        if (settings.length === 0) return null;
        return (
          <Section key={group} {...wordsOfGroup(group)}>
            <div className="grid gap-x-6 gap-y-5 sm:grid-cols-2">
              {settings.map(setting => (
                <SettingField
                  key={setting.name}
                  setting={setting}
                  edit={edits[setting.name]}
                  error={errors[setting.name]}
                  onEdit={value => edit(setting.name, value)}
                />
              ))}
            </div>
          </Section>
        );
      })}
      {(count > 0 || save.isPending) && (
        <div className="sticky bottom-3 z-10 grid gap-3 rounded-xl border border-line bg-surface p-3 shadow-float">
          <Failure error={save.error} shownAtFields={Object.keys(errors).length > 0} />
          <div className="flex flex-wrap items-center justify-end gap-2">
            <p className="mr-auto text-sm text-ink-soft">{counted(said.unsaved, count)}</p>
            <Button
              tone="quiet"
              isDisabled={save.isPending}
              onPress={() => {
                setEdits({});
                setErrors({});
                save.reset();
              }}
            >
              {said.discard}
            </Button>
            <Button type="submit" tone="primary" isDisabled={save.isPending}>
              {save.isPending ? said.saving : said.save}
            </Button>
          </div>
        </div>
      )}
      <LeaveGuard active={count > 0} />
    </form>
  );
}

function Failure({ error, shownAtFields }: { error: unknown; shownAtFields: boolean }) {
  const said = words().settings;
  if (error === null) return null;
  if (isApiError(error, 'precondition-failed')) {
    return <Notice title={said.conflict}>{said.conflict_text}</Notice>;
  }
  if (shownAtFields) {
    return <Notice title={said.nothing_saved}>{said.nothing_saved_text}</Notice>;
  }
  return <ErrorNotice error={error} />;
}

const PREFIX = 'values/';

/** Of a 422: what is said of each setting that is shown here. */
function errorsByName(error: unknown, settings: Setting[]): Record<string, string> {
  if (!(error instanceof ApiError)) return {};
  const known = new Set(settings.map(setting => setting.name));
  const entries = error.fields
    .filter(({ field }) => field.startsWith(PREFIX) && known.has(field.slice(PREFIX.length)))
    .map(({ field, detail }) => [field.slice(PREFIX.length), translated(detail)] as const);
  return Object.fromEntries(entries);
}

function without(edits: Edits, drop: (name: string) => boolean): Edits {
  return Object.fromEntries(Object.entries(edits).filter(([name]) => !drop(name)));
}
