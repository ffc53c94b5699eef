import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Trash2 } from 'lucide-react';
import type { FormEvent } from 'react';
import { useNavigate } from 'react-router';
import { answer } from '../../api/client';
import { inOneLine } from '../../api/problem-places';
import { siteQuery } from '../../api/queries';
import type { Menu } from '../../api/types';
import { Button } from '../../ui/button';
import { INPUT, TextField } from '../../ui/field';
import { formatLanguage } from '../../ui/format';
import { ErrorNotice, Notice } from '../../ui/notice';
import { say } from '../../ui/toast';
import { LeaveGuard } from '../leave-guard';
import { forgetMenus } from '../queries';
import { adminApi } from '../session/recovery';
import { ViewBody, ViewHeader } from '../view-header';
import { words } from '../words/words';
import { LineList } from './line-list';
import { useMenuDraft } from './use-menu-draft';

/** A menu: its name, its language, and its lines in up to three levels. */
export function MenuEditor({ menu }: { menu: Menu | null }) {
  const said = words().menus;
  const navigate = useNavigate();
  const { data: site } = useQuery(siteQuery);
  const state = useMenuDraft(menu, saved => {
    if (!menu) navigate(`/admin/menus/${saved.id}`, { replace: true });
  });
  const { base, draft, change, isChanged, isSaving, lineProblems } = state;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isChanged && !isSaving) state.save();
  };
  const nameProblem = state.problem('name');
  const isSaid = nameProblem !== undefined || lineProblems.size > 0;
  const languages = site ? site.languages : [];
  return (
    <ViewBody narrow>
      <ViewHeader title={(menu && draft.name) || said.new}>
        {base && <DeleteButton menu={base} />}
        <Button type="submit" form="menu-editor" tone="primary" isDisabled={!isChanged || isSaving}>
          {isSaving ? said.saving : said.save}
        </Button>
      </ViewHeader>
      <form
        id="menu-editor"
        noValidate
        onSubmit={submit}
        className="grid grid-cols-[minmax(0,1fr)] gap-6"
      >
        {state.conflict && (
          <Notice
            title={said.conflict}
            action={
              <div className="flex flex-wrap gap-2">
                <Button size="small" onPress={() => void state.takeTheirs()}>
                  {said.take_theirs}
                </Button>
                <Button size="small" onPress={() => void state.keepMine()}>
                  {said.keep_mine}
                </Button>
              </div>
            }
          >
            {said.conflict_text}
          </Notice>
        )}
        {state.failure && !isSaid && <ErrorNotice error={state.failure} />}
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField
            label={said.name}
            maxLength={50}
            spellCheck={false}
            value={draft.name}
            error={nameProblem}
            hint={said.name_hint}
            onChange={event => change({ name: event.target.value })}
          />
          {languages.length > 0 && (
            <label className="grid content-start gap-1.5 text-sm font-medium text-ink-soft">
              {said.language}
              <select
                className={`${INPUT} h-10 text-base text-ink`}
                value={draft.language ?? ''}
                onChange={event => change({ language: event.target.value || null })}
              >
                <option value="">{formatLanguage(site?.language ?? '')}</option>
                {languages.map(tag => (
                  <option key={tag} value={tag}>
                    {formatLanguage(tag)}
                  </option>
                ))}
              </select>
            </label>
          )}
        </div>
        <LineList
          lines={draft.lines}
          pages={base?.pages ?? []}
          problems={lineProblems}
          onChange={state.changeLines}
        />
      </form>
      <LeaveGuard active={isChanged && !isSaving && (base !== null || menu === null)} />
    </ViewBody>
  );
}

/** At once, with a way back: a new menu with the same lines is the same. */
function DeleteButton({ menu }: { menu: Menu }) {
  const said = words().menus;
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { name, language = null, items } = menu;
  const restore = async () => {
    try {
      await answer(adminApi.POST('/api/v1/admin/menus', { body: { name, language, items } }));
      say(words().menus.restored);
    } catch (error) {
      say(inOneLine(error), 'danger');
    }
    forgetMenus(queries);
  };
  const remove = async () => {
    const params = { path: { id: menu.id }, header: { 'If-Match': `"${menu.revision}"` } };
    try {
      await answer(adminApi.DELETE('/api/v1/admin/menus/{id}', { params }));
      navigate('/admin/menus');
      say(said.deleted, 'good', { undo: () => void restore() });
    } catch (error) {
      say(inOneLine(error), 'danger');
    }
    forgetMenus(queries);
  };
  return (
    <Button onPress={() => void remove()}>
      <Trash2 aria-hidden /> {said.delete}
    </Button>
  );
}
