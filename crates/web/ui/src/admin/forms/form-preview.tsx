import type { FormEdit } from '../../api/types';
import { Question } from '../../public/question';
import { words as ofSite } from '../../words/words';
import { words } from '../words/words';

/** The form as visitors see it, from the same parts. It cannot be sent. */
export function FormPreview({ draft, className }: { draft: FormEdit; className: string }) {
  const said = words().forms;
  return (
    <section aria-labelledby="preview" className={className}>
      <div className="xl:sticky xl:top-6">
        <h2 id="preview" className="text-lg font-semibold">
          {said.preview}
        </h2>
        <p className="mb-3 text-sm text-ink-soft">{said.preview_about}</p>
        <div className="rounded-xl border border-line bg-paper p-5 shadow-card sm:p-6 xl:max-h-[calc(100dvh-9rem)] xl:overflow-y-auto">
          <p className="mb-5 text-2xl font-bold break-words">{draft.title}</p>
          <div className="form">
            {draft.fields.map((field, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: names change while they are typed
              <Question key={at} field={field} error={undefined} />
            ))}
            <button type="button" className="button button-primary" aria-disabled>
              {ofSite().send}
            </button>
          </div>
        </div>
      </div>
    </section>
  );
}
