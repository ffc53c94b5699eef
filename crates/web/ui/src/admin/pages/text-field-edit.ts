import type { Edit, Selected } from './markdown-edits';

/** Applies an edit to what is selected in the field. */
export function applyEdit(field: HTMLTextAreaElement, edit: Edit): void {
  field.focus();
  replaceText(field, edit(selectedIn(field)));
}

export const selectedIn = (field: HTMLTextAreaElement): Selected => ({
  text: field.value,
  start: field.selectionStart,
  end: field.selectionEnd,
});

/** Replaces one piece of the text wherever the caret is, and leaves the caret with its words. */
export function replacePiece(field: HTMLTextAreaElement, piece: string, by: string): void {
  const at = field.value.indexOf(piece);
  if (at === -1) return;
  const moved = (caret: number) =>
    caret >= at + piece.length ? caret + by.length - piece.length : caret;
  const { text, start, end } = selectedIn(field);
  replaceText(field, {
    text: text.slice(0, at) + by + text.slice(at + piece.length),
    start: moved(start),
    end: moved(end),
  });
}

/** Changes only what differs, and as if it were typed, so that Ctrl+Z takes it back. */
export function replaceText(field: HTMLTextAreaElement, { text, start, end }: Selected): void {
  const old = field.value;
  let head = 0;
  while (head < old.length && head < text.length && old[head] === text[head]) head += 1;
  let tail = 0;
  const shorter = Math.min(old.length, text.length) - head;
  while (tail < shorter && old.at(-1 - tail) === text.at(-1 - tail)) tail += 1;

  const addition = text.slice(head, text.length - tail);
  field.setSelectionRange(head, old.length - tail);
  if (old !== text && !typeIn(field, addition)) {
    field.setRangeText(addition);
    field.dispatchEvent(new InputEvent('input', { bubbles: true }));
  }
  field.setSelectionRange(start, end);
}

/** Deprecated, but the only way into the browser's undo history. It needs the focus. */
function typeIn(field: HTMLTextAreaElement, addition: string): boolean {
  if (document.activeElement !== field || typeof document.execCommand !== 'function') return false;
  return addition === ''
    ? document.execCommand('delete')
    : document.execCommand('insertText', false, addition);
}
