import { words } from '../words/words';

/** The first stop of the Tab key on every view. */
export function SkipLink() {
  return (
    <a
      href="#main"
      className="fixed top-3 left-3 z-50 -translate-y-20 rounded-lg bg-accent px-4 py-2 font-medium text-on-accent focus:translate-y-0"
    >
      {words().skip}
    </a>
  );
}
