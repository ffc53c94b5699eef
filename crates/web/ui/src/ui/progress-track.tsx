type Props = { percent: number; isHeld?: boolean };

/** The bar of something that is under way; what it is and how far is said beside it. */
export function ProgressTrack({ percent, isHeld }: Props) {
  return (
    <span className="block h-1.5 overflow-hidden rounded-full bg-sunken">
      <span
        className={`block h-full rounded-full transition-[width] ${isHeld ? 'bg-ink-faint' : 'bg-accent'}`}
        style={{ width: `${percent}%` }}
      />
    </span>
  );
}
