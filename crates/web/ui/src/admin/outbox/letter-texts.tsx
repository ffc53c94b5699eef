import { useState } from 'react';
import type { OutboxTexts } from '../../api/types';
import { Choice } from '../../ui/choice';
import { words } from '../words/words';
import { LetterPaper } from './letter-paper';

const FORMS = ['text', 'html'] as const;

/** What a letter says, in both of its forms. */
export function LetterTexts({ texts, lang }: { texts: OutboxTexts; lang?: string | undefined }) {
  const said = words().outbox;
  const [form, setForm] = useState<(typeof FORMS)[number]>('text');
  return (
    <div lang={lang} className="mt-4">
      <Choice
        label={said.form}
        options={FORMS.map(value => ({ value, label: said.forms[value] }))}
        value={form}
        onChange={setForm}
      />
      {form === 'html' ? (
        <LetterPaper html={texts.html} />
      ) : (
        <p className="mt-4 break-words whitespace-pre-wrap">{texts.text}</p>
      )}
    </div>
  );
}
