export type Part = { kind: 'text' | 'command'; text: string };

const COMMAND = /^ {4}/;

/** The same with other texts between the commands; as it is where they are not as many. */
export function withOtherTexts(parts: Part[], texts: string[] | undefined): Part[] {
  if (parts.filter(({ kind }) => kind === 'text').length !== texts?.length) return parts;
  const rest = [...texts];
  return parts.map(part =>
    part.kind === 'text' ? { ...part, text: rest.shift() ?? part.text } : part,
  );
}

/** Lines that begin with four spaces are commands; the others are text, which flows until an empty line. */
export function partsOf(text: string): Part[] {
  const parts: Part[] = [];
  let flows = false;
  for (const line of text.split('\n')) {
    const kind = COMMAND.test(line) ? 'command' : 'text';
    const last = parts.at(-1);
    if (line.trim() === '') flows = false;
    else if (flows && kind === 'text' && last?.kind === 'text') last.text += ` ${line.trim()}`;
    else {
      parts.push({ kind, text: line.trim() });
      flows = kind === 'text';
    }
  }
  return parts;
}
