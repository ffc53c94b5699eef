/* Text and preview are of different heights; what keeps them together are the headings, which both have in the same order. */

/** Where the headings of a Markdown text begin; those within code are none. */
export function headingsIn(text: string): number[] {
  const found: number[] = [];
  let at = 0;
  let fence: string | null = null;
  for (const line of text.split('\n')) {
    const mark = /^ {0,3}(```+|~~~+)/.exec(line)?.[1];
    if (fence === null && mark) fence = mark;
    else if (fence !== null && mark?.startsWith(fence)) fence = null;
    else if (fence === null && /^ {0,3}#{1,6}\s+\S/.test(line)) found.push(at);
    at += line.length + 1;
  }
  return found;
}

/** How far the other side is scrolled when this one is at `top`: between two marks of one side as far as between the same of the other. */
export function matching(top: number, here: number[], there: number[]): number {
  let index = 0;
  while (index < here.length - 2 && top >= (here[index + 1] ?? 0)) index += 1;
  const [from = 0, to = 0] = [here[index], here[index + 1]];
  const [start = 0, end = 0] = [there[index], there[index + 1]];
  const part = to > from ? Math.min(1, Math.max(0, (top - from) / (to - from))) : 0;
  return start + part * (end - start);
}

type Marks = { field: number[]; preview: number[] };

/** Where the marks are in both, from the top to the end of each. Only the ends where the headings do not pair up. */
export function marksOf(field: HTMLTextAreaElement, preview: HTMLElement): Marks {
  const ends = (box: HTMLElement) => Math.max(0, box.scrollHeight - box.clientHeight);
  const shown = [...preview.querySelectorAll<HTMLElement>('.prose > :is(h1, h2, h3, h4, h5, h6)')];
  const written = headingsIn(field.value);
  const top = preview.getBoundingClientRect().top - preview.scrollTop;
  const pairs =
    shown.length === written.length
      ? offsetsInField(field, written).map((offset, index) => [
          offset,
          (shown[index]?.getBoundingClientRect().top ?? 0) - top,
        ])
      : [];
  const [fieldEnd, previewEnd] = [ends(field), ends(preview)];
  // What is lower than one can scroll is reached at the end.
  const reached = pairs.filter(([a = 0, b = 0]) => a < fieldEnd && b < previewEnd);
  return {
    field: [0, ...reached.map(([a = 0]) => a), fieldEnd],
    preview: [0, ...reached.map(([, b = 0]) => b), previewEnd],
  };
}

/** What decides where lines break. */
const COPIED = [
  'boxSizing',
  'width',
  'paddingTop',
  'paddingRight',
  'paddingBottom',
  'paddingLeft',
  'fontFamily',
  'fontSize',
  'fontWeight',
  'lineHeight',
  'letterSpacing',
  'tabSize',
] as const;

/** How far below the beginning of the text these characters stand: measured in a copy, as the field itself does not tell. */
function offsetsInField(field: HTMLTextAreaElement, places: number[]): number[] {
  const style = getComputedStyle(field);
  const copy = document.createElement('div');
  for (const name of COPIED) copy.style[name] = style[name];
  Object.assign(copy.style, {
    position: 'absolute',
    visibility: 'hidden',
    width: `${field.clientWidth}px`,
    whiteSpace: 'pre-wrap',
    overflowWrap: 'break-word',
  });
  let from = 0;
  const marks = places.map(place => {
    copy.append(field.value.slice(from, place));
    from = place;
    const mark = document.createElement('span');
    copy.append(mark);
    return mark;
  });
  copy.append(field.value.slice(from));
  document.body.append(copy);
  const offsets = marks.map(mark => mark.offsetTop);
  copy.remove();
  return offsets;
}
