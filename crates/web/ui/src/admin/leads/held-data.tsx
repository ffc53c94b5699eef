import { useMutation } from '@tanstack/react-query';
import { Download, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { answer } from '../../api/client';
import { inOneLine } from '../../api/problem-places';
import type { Erased, Lead } from '../../api/types';
import { counted } from '../../i18n/language';
import { Button } from '../../ui/button';
import { Filled } from '../../ui/filled';
import { formatDate } from '../../ui/format';
import { saveFile } from '../../ui/save-file';
import { say } from '../../ui/toast';
import { adminApi } from '../session/recovery';
import { words } from '../words/words';
import { EraseDialog } from './erase-dialog';
import { howMuch } from './how-much';

type Props = {
  email: string;
  held: Erased;
  onShowLead: (id: string) => void;
  onErased: () => void;
};

/** How much is held about somebody, and what can be done with it. */
export function HeldData({ email, held, onShowLead, onErased }: Props) {
  const said = words().leads.person;
  const [asking, setAsking] = useState(false);
  const take = useMutation({
    mutationFn: async () =>
      (await answer(adminApi.POST('/api/v1/admin/people/export', { body: { email } }))).data,
    onSuccess: all => saveFile(`${email}.json`, 'application/json', JSON.stringify(all, null, 2)),
    onError: error => say(inOneLine(error), 'danger'),
  });
  const isErasable = held.leads + held.letters > 0;
  return (
    <>
      <div role="status" className="mt-5 rounded-lg bg-sunken p-4">
        <p className="font-semibold text-ink">{isErasable ? howMuch(held) : said.nothing}</p>
        {isErasable && <p className="mt-1 text-sm">{said.what}</p>}
        {held.has_account && (
          <p className="mt-3 text-sm">
            <Filled text={said.has_account} values={{ team: <TeamLink /> }} />
          </p>
        )}
      </div>
      {held.mentioned.length > 0 && <Mentioned leads={held.mentioned} onShow={onShowLead} />}
      {(isErasable || held.mentioned.length > 0) && (
        <div className="mt-5 flex flex-wrap justify-end gap-2">
          <Button isDisabled={take.isPending} onPress={() => take.mutate()}>
            <Download aria-hidden /> {said.download}
          </Button>
          {isErasable && (
            <Button tone="danger" onPress={() => setAsking(true)}>
              <Trash2 aria-hidden /> {said.erase}
            </Button>
          )}
        </div>
      )}
      {asking && (
        <EraseDialog
          email={email}
          held={held}
          onErased={onErased}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}

function TeamLink() {
  return (
    <Link to="/admin/team" className="text-accent hover:underline">
      {words().team.title}
    </Link>
  );
}

/** What others sent is about them, too: people look at each. */
function Mentioned({ leads, onShow }: { leads: Lead[]; onShow: (id: string) => void }) {
  const said = words().leads;
  return (
    <section className="mt-5">
      <h3 className="font-medium text-ink">{counted(said.person.mentioned, leads.length)}</h3>
      <p className="mt-1 text-sm">{said.person.mentioned_text}</p>
      <ul className="mt-2 divide-y divide-line">
        {leads.map(lead => (
          <li key={lead.id} className="py-2">
            <button
              type="button"
              className="block max-w-full cursor-pointer truncate text-accent hover:underline"
              onClick={() => onShow(lead.id)}
            >
              {lead.email ?? lead.answers[0]?.value ?? said.no_answer}
            </button>
            <p className="truncate text-sm text-ink-faint">
              {lead.form}, {formatDate(lead.created_at)}
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
