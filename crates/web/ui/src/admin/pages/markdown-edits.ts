/** A text and what is selected in it; every edit is a pure function from one to the next. */
export type Selected = { text: string; start: number; end: number };

export type Edit = (selected: Selected) => Selected;

/** Puts a mark around the selection, or takes it away when it is there already. */
function around(mark: string, placeholder: string): Edit {
  return ({ text, start, end }) => {
    const inside = text.slice(start, end);
    const before = text.slice(0, start);
    const after = text.slice(end);

    if (endsWithMark(before, mark) && startsWithMark(after, mark)) {
      return {
        text: before.slice(0, -mark.length) + inside + after.slice(mark.length),
        start: start - mark.length,
        end: end - mark.length,
      };
    }
    const content = inside || placeholder;
    return {
      text: before + mark + content + mark + after,
      start: start + mark.length,
      end: start + mark.length + content.length,
    };
  };
}

// A single asterisk beside another one belongs to bold, not to italic.
const endsWithMark = (text: string, mark: string) =>
  text.endsWith(mark) && (mark !== '*' || !text.endsWith('**') || text.endsWith('***'));
const startsWithMark = (text: string, mark: string) =>
  text.startsWith(mark) && (mark !== '*' || !text.startsWith('**') || text.startsWith('***'));

/** Puts a prefix before each selected line, or takes it away when all of them have it. */
function eachLine(prefix: string): Edit {
  return ({ text, start, end }) => {
    const from = text.lastIndexOf('\n', start - 1) + 1;
    const newline = text.indexOf('\n', end);
    const to = newline === -1 ? text.length : newline;
    const lines = text.slice(from, to).split('\n');
    const marked = lines.every(line => line.startsWith(prefix));
    const changed = lines
      .map(line => {
        if (marked) return line.slice(prefix.length);
        return line === '' && lines.length > 1 ? line : prefix + line;
      })
      .join('\n');
    const next = text.slice(0, from) + changed + text.slice(to);
    if (start !== end) return { text: next, start: from, end: from + changed.length };
    const caret = Math.max(from, start + (marked ? -prefix.length : prefix.length));
    return { text: next, start: caret, end: caret };
  };
}

export const bold = around('**', 'bold text');
export const italic = around('*', 'italic text');
export const list = eachLine('- ');
export const quote = eachLine('> ');
export const heading = eachLine('## ');

/** Code in a line, or a block when the selection has several lines. */
export const code: Edit = selected => {
  const { text, start, end } = selected;
  const inside = text.slice(start, end);
  if (!inside.includes('\n')) return around('`', 'code')(selected);
  const open = start === 0 || text[start - 1] === '\n' ? '```\n' : '\n```\n';
  const close = inside.endsWith('\n') ? '```\n' : '\n```\n';
  return {
    text: text.slice(0, start) + open + inside + close + text.slice(end),
    start: start + open.length,
    end: start + open.length + inside.length,
  };
};

const ADDRESS = 'https://';

/** Makes the selection a link and selects what is still missing: the address, or the words when an address was selected. */
export const link: Edit = ({ text, start, end }) => {
  const inside = text.slice(start, end);
  const isAddress = /^https?:\/\/\S+$/.test(inside);
  const words = isAddress ? 'link text' : inside || 'link text';
  const address = isAddress ? inside : ADDRESS;
  const at = isAddress || !inside ? start + 1 : start + words.length + 3;
  const length = isAddress || !inside ? words.length : address.length;
  return {
    text: `${text.slice(0, start)}[${words}](${address})${text.slice(end)}`,
    start: at,
    end: at + length,
  };
};

const LIST_LINE = /^(\s*)(?:([-*+])|(\d+)([.)]))( \[[ xX]\])? +/;

/** What Enter does at the end of a list line: begins the next one, or ends the list after an empty one. Null: nothing special. */
export function nextListLine({ text, start, end }: Selected): Selected | null {
  if (start !== end) return null;
  const from = text.lastIndexOf('\n', start - 1) + 1;
  const line = text.slice(from, start);
  const match = LIST_LINE.exec(line);
  if (!match) return null;
  if (match[0].length === line.length) {
    return { text: text.slice(0, from) + text.slice(start), start: from, end: from };
  }
  const [, indent = '', bullet, number, stop, box] = match;
  const marker = bullet ?? `${Number(number) + 1}${stop}`;
  const opening = `\n${indent}${marker}${box ? ' [ ]' : ''} `;
  return {
    text: text.slice(0, start) + opening + text.slice(start),
    start: start + opening.length,
    end: start + opening.length,
  };
}

/** Puts text at the caret, on lines of its own when `block` is set. */
export function insert(addition: string, block = false): Edit {
  return ({ text, start, end }) => {
    const before = text.slice(0, start);
    const lead = block && before !== '' && !before.endsWith('\n') ? '\n\n' : '';
    const caret = start + lead.length + addition.length;
    return { text: before + lead + addition + text.slice(end), start: caret, end: caret };
  };
}

/** How a file of the library is written in Markdown: pictures are shown, everything else is linked. */
export function mediaMarkdown(media: { name: string; media_type: string; url: string }): string {
  const words = media.name
    .replace(/\.[^.]*$/, '')
    .replace(/[-_]+/g, ' ')
    .replace(/[[\]]/g, '');
  const link = `[${words}](${encodeURI(media.url).replace(/[()]/g, encoded)})`;
  return media.media_type.startsWith('image/') ? `!${link}` : link;
}

// encodeURI leaves round brackets alone, and they would end the address in Markdown.
const encoded = (character: string) => `%${character.charCodeAt(0).toString(16)}`;

/** Words as a reader counts them; the addresses of links and pictures are none. */
export const countWords = (text: string): number =>
  text.replace(/\]\([^)]*\)/g, ']').match(/[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*/gu)?.length ?? 0;
