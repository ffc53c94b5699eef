import { Link } from 'react-router';
import { buttonClass } from '../../ui/button-class';
import { useMay } from '../session/use-may';
import { words } from '../words/words';

const STEPS = ['write', 'publish', 'welcome'] as const;

/** What an empty site needs to hear. */
export function FirstSteps() {
  const said = words().overview.first;
  const mayWrite = useMay('editor');
  return (
    <section
      aria-labelledby="first-steps"
      className="relative isolate mt-10 overflow-hidden rounded-2xl border border-line bg-surface px-6 py-10 shadow-card sm:px-10"
    >
      <div
        aria-hidden="true"
        className="field-lines field-lines-fading absolute inset-y-0 right-0 -z-10 w-3/4 text-ink/[0.045]"
      />
      <h2 id="first-steps" className="text-2xl font-bold">
        {said.title}
      </h2>
      <ol className="mt-6 grid gap-6 sm:grid-cols-3">
        {STEPS.map((step, index) => (
          <li key={step}>
            <span aria-hidden="true" className="font-mono text-sm text-pole">
              {index + 1}
            </span>
            <h3 className="mt-1 font-semibold">{said[step]}</h3>
            <p className="mt-1 text-ink-soft">{said[`${step}_text`]}</p>
          </li>
        ))}
      </ol>
      {mayWrite && (
        <Link to="/admin/pages/new" className={buttonClass('primary', 'normal', 'mt-8')}>
          {said.button}
        </Link>
      )}
    </section>
  );
}
