type Props = { says: string; other: string | undefined; className?: string };

/** What the server says in English, or the same in the language of the page where it is known there. */
export function Told({ says, other, className }: Props) {
  return (
    <span lang={other === undefined ? 'en' : undefined} className={className}>
      {other ?? says}
    </span>
  );
}
