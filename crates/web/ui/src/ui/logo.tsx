/** The mark: a horseshoe magnet, one pole warm and one cool. Decorative; the name stands beside it. */
export function Logo({ className = 'size-7' }: { className?: string }) {
  return (
    <svg className={className} viewBox="0 0 32 32" fill="none" strokeWidth="7" aria-hidden="true">
      <g transform="rotate(45 16 16) translate(0 3)">
        <path className="stroke-ink" d="M7.5 12v6.5a8.5 8.5 0 0 0 17 0V12" />
        <path className="stroke-pole" d="M7.5 3.5v6" />
        <path className="stroke-accent" d="M24.5 3.5v6" />
      </g>
    </svg>
  );
}
