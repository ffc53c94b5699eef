import { type AdminWords, words } from '../words/words';

/** A text and what is selected in it; every edit is a pure function from one to the next. */
export type Selected = { text: string; start: number; end: number };

export type Edit = (selected: Selected) => Selected;

/** Puts a mark around the selection, or takes it away when it is there already. */
function around(mark: string, placeholder: keyof AdminWords['editor']['samples']): Edit {
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
    const content = inside || words().editor.samples[placeholder];
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

/** Changes the selected lines, all of each. */
function onLines(change: (lines: string[]) => string[]): Edit {
  return ({ text, start, end }) => {
    const from = text.lastIndexOf('\n', start - 1) + 1;
    const newline = text.indexOf('\n', end);
    const to = newline === -1 ? text.length : newline;
    const changed = change(text.slice(from, to).split('\n')).join('\n');
    const next = text.slice(0, from) + changed + text.slice(to);
    if (start !== end) return { text: next, start: from, end: from + changed.length };
    const caret = Math.max(from, start + changed.length - (to - from));
    return { text: next, start: caret, end: caret };
  };
}

/** An empty line between others stays one. */
const isGap = (line: string, lines: string[]) => line === '' && lines.length > 1;

/** Puts a prefix before each selected line, or takes it away when all of them have it. */
const eachLine = (prefix: string): Edit =>
  onLines(lines => {
    const marked = lines.every(line => line.startsWith(prefix) || isGap(line, lines));
    return lines.map(line => {
      if (isGap(line, lines)) return line;
      return marked ? line.slice(prefix.length) : prefix + line;
    });
  });

const NUMBER = /^\d+[.)] +/;

/** Numbers each selected line, or takes the numbers away when all of them have one. */
export const numbered: Edit = onLines(lines => {
  const marked = lines.every(line => NUMBER.test(line) || isGap(line, lines));
  let count = 0;
  return lines.map(line => {
    if (isGap(line, lines)) return line;
    count += 1;
    return marked ? line.replace(NUMBER, '') : `${count}. ${line}`;
  });
});

/** The second level, the third, and none again. */
export const heading: Edit = onLines(lines => {
  const level = /^#+(?= )/.exec(lines.find(Boolean) ?? '')?.[0].length ?? 0;
  const mark = level < 2 ? '## ' : level === 2 ? '### ' : '';
  return lines.map(line => (isGap(line, lines) ? line : mark + line.replace(/^#+ +/, '')));
});

export const bold = around('**', 'bold');
export const italic = around('*', 'italic');
export const struck = around('~~', 'struck');
export const list = eachLine('- ');
export const quote = eachLine('> ');

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
  const { link: sample } = words().editor.samples;
  const shown = isAddress ? sample : inside || sample;
  const address = isAddress ? inside : ADDRESS;
  const at = isAddress || !inside ? start + 1 : start + shown.length + 3;
  const length = isAddress || !inside ? shown.length : address.length;
  return {
    text: `${text.slice(0, start)}[${shown}](${address})${text.slice(end)}`,
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

type Shown = { name: string; media_type: string; url: string; alt?: string };

/** How a file of the library is written in Markdown: pictures are shown with their alternative text, everything else is linked. */
export function mediaMarkdown(media: Shown, alt = media.alt || wordsOf(media.name)): string {
  const isPicture = media.media_type.startsWith('image/');
  const shown = isPicture ? alt : wordsOf(media.name);
  const link = `[${shown.replace(/[[\]\\]/g, '\\$&')}](${encodeURI(media.url).replace(/[()]/g, encoded)})`;
  return isPicture ? `!${link}` : link;
}

/** A name as words: `our-sea.png` says "our sea". */
export const wordsOf = (name: string): string =>
  name
    .replace(/\.[^.]*$/, '')
    .replace(/[-_]+/g, ' ')
    .replace(/[[\]]/g, '');

// encodeURI leaves round brackets alone, and they would end the address in Markdown.
const encoded = (character: string) => `%${character.charCodeAt(0).toString(16)}`;

/** Words as a reader counts them; the addresses of links and pictures are none. */
export const countWords = (text: string): number =>
  text.replace(/\]\([^)]*\)/g, ']').match(/[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*/gu)?.length ?? 0;
