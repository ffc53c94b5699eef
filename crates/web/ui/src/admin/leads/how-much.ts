import type { Erased } from '../../api/types';
import { counted, fill } from '../../i18n/language';
import { words } from '../words/words';

/** How much is held, in words: of nothing there is no word. */
export function howMuch({ leads, letters }: Pick<Erased, 'leads' | 'letters'>): string {
  const said = words().leads.person;
  const parts = { leads: counted(said.leads, leads), letters: counted(said.letters, letters) };
  if (letters === 0) return parts.leads;
  return leads === 0 ? parts.letters : fill(said.both, parts);
}
