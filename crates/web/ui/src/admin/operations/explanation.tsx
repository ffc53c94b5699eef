import { Command } from './command';
import { partsOf } from './explanation-parts';

/** What a check says of itself, in English; its commands stand apart and can be copied. */
export function Explanation({ text }: { text: string }) {
  return (
    <div lang="en" className="grid gap-1.5">
      {partsOf(text).map(({ kind, text: part }) =>
        kind === 'command' ? <Command key={part} text={part} /> : <p key={part}>{part}</p>,
      )}
    </div>
  );
}
