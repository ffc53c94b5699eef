import { NotFound } from '../public/not-found';
import { useTitle } from '../ui/hooks';
import { words } from '../words/words';

/** An address of the admin area that is none, or a page that is gone. */
export function NothingHere() {
  useTitle(words().not_found, 'Admin');
  return <NotFound />;
}
