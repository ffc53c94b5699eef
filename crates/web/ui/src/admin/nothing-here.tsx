import { NotFound } from '../public/not-found';
import { useTitle } from '../ui/hooks';
import { words } from '../words/words';
import { words as ofAdmin } from './words/words';

/** An address of the admin area that is none, or a page that is gone. */
export function NothingHere() {
  useTitle(words().not_found, ofAdmin().shell.admin);
  return <NotFound />;
}
