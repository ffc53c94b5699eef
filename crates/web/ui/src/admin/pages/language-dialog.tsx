import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { PenLine } from 'lucide-react';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { siteQuery } from '../../api/queries';
import type { Page } from '../../api/types';
import { fill } from '../../i18n/language';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { INPUT } from '../../ui/field';
import { formatLanguage } from '../../ui/format';
import { ErrorNotice } from '../../ui/notice';
import { say } from '../../ui/toast';
import { forgetPages } from '../queries';
import { words } from '../words/words';
import { PageField } from './page-field';
import { createTranslation, setLanguage } from './saved-page';
import { StatusBadge } from './status-badge';
import type { Apply } from './use-page-document';

type Props = {
  page: Page;
  dirty: boolean;
  apply: Apply;
  /** The address is another one now. */
  onChanged: (page: Page) => void;
  onClose: () => void;
};

/** The language of a page, and the pages that say the same in others. */
export function LanguageDialog({ page, dirty, apply, onChanged, onClose }: Props) {
  const said = words().pages.languages;
  const { data: site } = useQuery(siteQuery);
  const own = page.language ?? null;
  const [language, setTyped] = useState(own);
  const change = useMutation({
    mutationFn: (wanted: { language: string | null; translation_of: string | null }) =>
      apply(base => setLanguage(base, wanted)),
    onSuccess: now => {
      onChanged(now.page);
      say(said.saved);
    },
  });
  const partner = page.translations[0]?.id ?? null;
  return (
    <Dialog isOpen wide title={said.title} onClose={onClose}>
      <div className="mt-2 grid gap-5">
        {change.error && <ErrorNotice error={change.error} />}
        {dirty && <p>{said.save_first}</p>}
        <div className="flex flex-wrap items-end gap-3">
          <label className="grid flex-1 basis-48 gap-1.5 text-sm font-medium">
            {said.of_this}
            <select
              className={`${INPUT} h-10 text-base text-ink`}
              value={language ?? ''}
              onChange={event => setTyped(event.target.value || null)}
            >
              <option value="">{formatLanguage(site?.language ?? '')}</option>
              {site?.languages.map(tag => (
                <option key={tag} value={tag}>
                  {formatLanguage(tag)}
                </option>
              ))}
            </select>
          </label>
          <Button
            tone="primary"
            isDisabled={dirty || language === own || change.isPending}
            onPress={() => change.mutate({ language, translation_of: partner })}
          >
            {change.isPending ? said.saving : said.save}
          </Button>
        </div>
        <p className="-mt-3 text-sm text-ink-faint">{said.address}</p>
        <Translations page={page} dirty={dirty} onClose={onClose} />
        {!dirty && (
          <PageField
            page={null}
            label={said.join}
            onChoose={chosen => change.mutate({ language: own, translation_of: chosen.id })}
          />
        )}
        {partner && (
          <Button
            className="justify-self-start"
            isDisabled={dirty || change.isPending}
            onPress={() => change.mutate({ language: own, translation_of: null })}
          >
            {said.leave}
          </Button>
        )}
      </div>
    </Dialog>
  );
}

/** The pages that say the same, and a button for each language that has none. */
function Translations({ page, dirty, onClose }: Pick<Props, 'page' | 'dirty' | 'onClose'>) {
  const said = words().pages.languages;
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { data: site } = useQuery(siteQuery);
  const write = useMutation({
    mutationFn: (language: string | null) => createTranslation(page, language),
    onSuccess: ({ page: made }) => {
      forgetPages(queries);
      onClose();
      navigate(`/admin/pages/${made.id}`);
    },
  });
  const nameOf = (tag: string | null) => formatLanguage(tag ?? site?.language ?? '');
  const had = [page, ...page.translations].map(({ language }) => language ?? null);
  const missing = site ? [null, ...site.languages].filter(tag => !had.includes(tag)) : [];
  return (
    <section>
      <h3 className="mb-1 font-semibold text-ink">{said.same}</h3>
      {write.error && <ErrorNotice error={write.error} />}
      {page.translations.length === 0 && <p>{said.none}</p>}
      <ul>
        {page.translations.map(({ id, language = null, title, status }) => (
          <li key={id} className="flex flex-wrap items-center gap-x-3 py-1.5">
            <span className="text-sm text-ink-faint max-sm:w-full sm:w-24">{nameOf(language)}</span>
            <Link
              to={`/admin/pages/${id}`}
              className="min-w-0 flex-1 truncate font-medium text-accent hover:underline"
            >
              {title}
            </Link>
            <StatusBadge status={status} />
          </li>
        ))}
      </ul>
      {missing.length > 0 && (
        <>
          <div className="mt-3 flex flex-wrap gap-2">
            {missing.map(tag => (
              <Button
                key={tag ?? ''}
                isDisabled={dirty || write.isPending}
                onPress={() => write.mutate(tag)}
              >
                <PenLine aria-hidden /> {fill(said.write, { language: nameOf(tag) })}
              </Button>
            ))}
          </div>
          <p className="mt-1.5 text-sm text-ink-faint">{said.write_text}</p>
        </>
      )}
    </section>
  );
}
