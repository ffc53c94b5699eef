import { Link } from 'react-router';
import { buttonClass } from '../../ui/button-class';

const STEPS = [
  {
    title: 'Write',
    text: 'Write a page in Markdown. The preview beside it shows what visitors will see.',
  },
  {
    title: 'Publish',
    text: 'A draft stays yours until you publish it. Then it has its own address.',
  },
  {
    title: 'Welcome',
    text: 'Give a page the address “home”, and it greets visitors on the front of the site.',
  },
];

/** What an empty site needs to hear. */
export function FirstSteps() {
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
        Your site is ready for its first page
      </h2>
      <ol className="mt-6 grid gap-6 sm:grid-cols-3">
        {STEPS.map((step, index) => (
          <li key={step.title}>
            <span aria-hidden="true" className="font-mono text-sm text-pole">
              {index + 1}
            </span>
            <h3 className="mt-1 font-semibold">{step.title}</h3>
            <p className="mt-1 text-ink-soft">{step.text}</p>
          </li>
        ))}
      </ol>
      <Link to="/admin/pages/new" className={buttonClass('primary', 'normal', 'mt-8')}>
        Write the first page
      </Link>
    </section>
  );
}
