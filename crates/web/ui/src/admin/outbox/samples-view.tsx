import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import { siteQuery } from '../../api/queries';
import type { LetterSample } from '../../api/types';
import { LANGUAGES, languageOf } from '../../i18n/language';
import { buttonClass } from '../../ui/button-class';
import { Choice } from '../../ui/choice';
import { Dialog } from '../../ui/dialog';
import { formatLanguage } from '../../ui/format';
import { ErrorNotice } from '../../ui/notice';
import { Bone, Loading } from '../../ui/skeleton';
import { letterSamplesQuery } from '../queries';
import { ViewBody, ViewHeader } from '../view-header';
import { words } from '../words/words';
import { LetterTexts } from './letter-texts';

/** Every letter that the site may send, with made-up names, before anybody gets one. */
export function SamplesView() {
  const said = words().outbox.samples;
  const [place, setPlace] = useSearchParams();
  const { data: site } = useQuery(siteQuery);
  const asked = LANGUAGES.find(one => one === place.get('language'));
  const language = asked ?? (site && languageOf(site.language));
  const { data: samples, error, refetch } = useQuery(letterSamplesQuery(language));
  const [shown, setShown] = useState<string | null>(null);
  const sample = samples?.find(({ template }) => template === shown);
  return (
    <ViewBody>
      <ViewHeader title={said.title}>
        <Link to="/admin/outbox" className={buttonClass()}>
          {words().outbox.title}
        </Link>
      </ViewHeader>
      <div className="mb-5 flex flex-wrap items-center justify-between gap-x-6 gap-y-3">
        <p className="max-w-2xl text-ink-soft">{said.about}</p>
        {language && (
          <Choice
            label={said.language}
            options={LANGUAGES.map(value => ({ value, label: formatLanguage(value) }))}
            value={language}
            onChange={value => setPlace({ language: value }, { replace: true })}
          />
        )}
      </div>
      {error ? (
        <ErrorNotice error={error} onRetry={refetch} />
      ) : !samples ? (
        <Loading what={said.the_letters}>
          <Bone className="h-96 rounded-xl" />
        </Loading>
      ) : (
        <ul
          aria-label={said.title}
          className="divide-y divide-line overflow-hidden rounded-xl border border-line bg-surface shadow-card"
        >
          {samples.map(one => (
            <Row
              key={one.template}
              sample={one}
              language={language}
              onShow={() => setShown(one.template)}
            />
          ))}
        </ul>
      )}
      <Dialog
        wide
        title={sample?.texts.subject ?? ''}
        isOpen={sample !== undefined}
        onClose={() => setShown(null)}
      >
        {sample && <LetterTexts texts={sample.texts} lang={language} />}
      </Dialog>
    </ViewBody>
  );
}

type RowProps = { sample: LetterSample; language: string | undefined; onShow: () => void };

function Row({ sample: { template, texts }, language, onShow }: RowProps) {
  const when: Record<string, string> = words().outbox.samples.when;
  return (
    <li className="relative px-4 py-3.5 hover:bg-sunken md:px-5">
      <button
        type="button"
        lang={language}
        onClick={onShow}
        className="block w-full cursor-pointer truncate text-left font-medium after:absolute after:inset-0 after:content-['']"
      >
        {texts.subject}
      </button>
      <p className="text-sm text-ink-faint">{when[template] ?? template}</p>
    </li>
  );
}
