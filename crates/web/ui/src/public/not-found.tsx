import { Link } from 'react-router';
import { buttonClass } from '../ui/button-class';
import { useArrivalFocus, useTitle } from '../ui/hooks';

export function NotFound() {
  const heading = useArrivalFocus<HTMLHeadingElement>();
  useTitle('Page not found');
  return (
    <section className="relative isolate overflow-hidden border-b border-line bg-surface">
      <div
        aria-hidden="true"
        className="field-lines field-lines-fading absolute inset-y-0 right-0 -z-10 w-3/5 text-ink/[0.13] max-sm:hidden"
      />
      <div className="mx-auto max-w-5xl px-4 py-20 sm:px-6 sm:py-32">
        <p className="font-mono text-sm text-pole">404</p>
        <h1 ref={heading} tabIndex={-1} className="mt-2 text-4xl font-bold sm:text-5xl">
          Nothing is held here
        </h1>
        <p className="mt-4 max-w-md text-lg text-ink-soft">
          There is no published page at this address. It may have moved, or never have been.
        </p>
        <p className="mt-8 flex flex-wrap gap-3">
          <Link to="/" className={buttonClass('primary')}>
            Go to the start
          </Link>
          <Link to="/search" className={buttonClass('plain')}>
            Search the site
          </Link>
        </p>
      </div>
    </section>
  );
}
