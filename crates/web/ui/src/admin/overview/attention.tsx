import { useQuery } from '@tanstack/react-query';
import { CircleCheck, FilePen, Inbox, type LucideIcon, MailX } from 'lucide-react';
import { Link } from 'react-router';
import type { Overview } from '../../api/types';
import { type Counted, counted, fill } from '../../i18n/language';
import { useMay } from '../session/use-may';
import { words } from '../words/words';
import { COUNTED_MOST, deadCountQuery, newLeadsQuery } from './queries';

type Item = { to: string; icon: LucideIcon; tone: string; text: string };

/** What somebody should look at, the most urgent first; and it says so when there is nothing. */
export function Attention({ overview }: { overview: Overview }) {
  const said = words().attention;
  const mayReadLeads = useMay('editor');
  const dead = useQuery(deadCountQuery);
  const leads = useQuery({ ...newLeadsQuery, enabled: mayReadLeads });
  const items: Item[] = [];
  const add = (count: number | undefined, text: Counted, item: Omit<Item, 'text'>) => {
    if (count) items.push({ ...item, text: atLeast(text, count) });
  };
  add(dead.data, said.dead, {
    to: '/admin/outbox?state=dead',
    icon: MailX,
    tone: 'text-danger',
  });
  add(leads.data, said.leads, { to: '/admin/leads?state=new', icon: Inbox, tone: 'text-warn' });
  add(overview.pages.draft, said.drafts, {
    to: '/admin/pages?status=draft',
    icon: FilePen,
    tone: 'text-ink-soft',
  });
  // Nothing is said before everything was asked: a good word that is taken back is none.
  if (dead.isPending || (mayReadLeads && leads.isPending)) return null;
  return (
    <section aria-labelledby="attention" className="mt-10">
      <h2 id="attention" className="mb-3 text-lg font-semibold">
        {said.title}
      </h2>
      {items.length === 0 ? (
        <p className="flex items-center gap-3 rounded-xl border border-line bg-surface px-5 py-4 shadow-card">
          <CircleCheck aria-hidden className="size-6 shrink-0 text-good" />
          <span>
            <span className="block font-medium">{said.nothing}</span>
            <span className="text-sm text-ink-faint">{said.nothing_text}</span>
          </span>
        </p>
      ) : (
        <ul className="divide-y divide-line overflow-hidden rounded-xl border border-line bg-surface shadow-card">
          {items.map(({ to, icon: Icon, tone, text }) => (
            <li key={to}>
              <Link to={to} className="flex items-center gap-3 px-5 py-3.5 hover:bg-sunken">
                <Icon aria-hidden className={`size-5 shrink-0 ${tone}`} />
                <span className="min-w-0 font-medium">{text}</span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** The server counts for us no further than one part of its list. */
function atLeast(text: Counted, count: number): string {
  if (count < COUNTED_MOST) return counted(text, count);
  const many = fill(words().attention.or_more, { count: COUNTED_MOST - 1 });
  return fill(text.other, { count: many });
}
