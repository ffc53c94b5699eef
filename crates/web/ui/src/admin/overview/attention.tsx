import { CircleCheck } from 'lucide-react';
import { Link } from 'react-router';
import type { Overview } from '../../api/types';
import { Bone } from '../../ui/skeleton';
import { words } from '../words/words';
import { useAttention } from './use-attention';

const TONES = {
  danger: 'text-danger',
  warn: 'text-warn',
  quiet: 'text-ink-soft',
  good: 'text-good',
};

const CARD = 'rounded-xl border border-line bg-surface shadow-card';

/** What somebody should look at; and it says so when there is nothing. */
export function Attention({ overview }: { overview: Overview }) {
  const said = words().attention;
  const items = useAttention(overview);
  return (
    <section aria-labelledby="attention" className="mt-10">
      <h2 id="attention" className="mb-3 text-lg font-semibold">
        {said.title}
      </h2>
      {items?.every(({ tone }) => tone === 'good') && (
        <p className={`mb-3 flex items-center gap-3 px-5 py-4 ${CARD}`}>
          <CircleCheck aria-hidden className="size-6 shrink-0 text-good" />
          <span>
            <span className="block font-medium">{said.nothing}</span>
            <span className="text-sm text-ink-faint">{said.nothing_text}</span>
          </span>
        </p>
      )}
      {!items ? (
        <Bone className="h-14 rounded-xl" />
      ) : (
        items.length > 0 && (
          <ul className={`divide-y divide-line overflow-hidden ${CARD}`}>
            {items.map(({ to, icon: Icon, tone, text }) => (
              <li key={to}>
                <Link to={to} className="flex items-center gap-3 px-5 py-3.5 hover:bg-sunken">
                  <Icon aria-hidden className={`size-5 shrink-0 ${TONES[tone]}`} />
                  <span className="min-w-0 font-medium">{text}</span>
                </Link>
              </li>
            ))}
          </ul>
        )
      )}
    </section>
  );
}
