import { useQuery } from '@tanstack/react-query';
import { siteQuery } from '../../api/queries';
import type { FormEdit } from '../../api/types';
import { languageOf } from '../../i18n/language';
import { Question } from '../../public/question';
import { wordsIn } from '../../words/words';
import { words } from '../words/words';

/** The form as visitors see it, from the same parts and in the language of the site. It cannot be sent. */
export function FormPreview({ draft, className }: { draft: FormEdit; className: string }) {
  const said = words().forms;
  const { data: site } = useQuery(siteQuery);
  const language = languageOf(site?.language ?? 'en');
  const ofSite = wordsIn(language);
  return (
    <section aria-labelledby="preview" className={className}>
      <div className="xl:sticky xl:top-6">
        <h2 id="preview" className="text-lg font-semibold">
          {said.preview}
        </h2>
        <p className="mb-3 text-sm text-ink-soft">{said.preview_about}</p>
        <div
          lang={language}
          className="rounded-xl border border-line bg-paper p-5 shadow-card sm:p-6 xl:max-h-[calc(100dvh-9rem)] xl:overflow-y-auto"
        >
          <p className="mb-5 text-2xl font-bold break-words">{draft.title}</p>
          <div className="form">
            {draft.fields.map((field, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: names change while they are typed
              <Question key={at} field={field} error={undefined} said={ofSite} />
            ))}
            <button type="button" className="button button-primary" aria-disabled>
              {ofSite.send}
            </button>
          </div>
        </div>
      </div>
    </section>
  );
}
