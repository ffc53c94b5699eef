import { words } from '../words/words';

export function NotFound() {
  const { not_found_heading, not_found_text, to_start, to_search } = words();
  return (
    <section className="hero">
      <div className="field-lines field-lines-fading" aria-hidden="true" />
      <div className="bar">
        <p className="hero-code">404</p>
        <h1 tabIndex={-1}>{not_found_heading}</h1>
        <p className="lead">{not_found_text}</p>
        <p className="actions">
          <a className="button button-primary" href="/">
            {to_start}
          </a>
          <a className="button" href="/search">
            {to_search}
          </a>
        </p>
      </div>
    </section>
  );
}
