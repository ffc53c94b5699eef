import { Copyable } from '../copyable';
import { partsOf, withOtherTexts } from './explanation-parts';

type Props = {
  /** The server's, in English. */
  text: string;
  /** The same in the language of the page, without the commands. */
  other: string[] | undefined;
};

/** What a check says of itself; its commands stand apart and can be copied. */
export function Explanation({ text, other }: Props) {
  const parts = partsOf(text);
  const shown = withOtherTexts(parts, other);
  return (
    <div lang={shown === parts ? 'en' : undefined} className="grid gap-1.5">
      {shown.map(({ kind, text: part }) =>
        kind === 'command' ? <Copyable key={part} text={part} /> : <p key={part}>{part}</p>,
      )}
    </div>
  );
}
