/** How the key is called that stands before others here. */
export const COMMAND_KEY = /Mac|iPhone|iPad/.test(navigator.userAgent) ? '⌘' : 'Ctrl';

/** Keys one after the other count as one shortcut for this long. */
export const SEQUENCE_MS = 1_200;

type Pressed = Pick<
  KeyboardEvent,
  'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'isComposing' | 'defaultPrevented'
>;

export type Shortcut = { is: 'palette' } | { is: 'shortcuts' } | { is: 'go'; key: string };

/**
 * What a key stands for, with the one before it. `typing`: where letters are text, or were turned off as shortcuts, only
 * the palette's counts; what an editor does with it itself is the editor's.
 */
export function shortcutOf(event: Pressed, before: string, typing: boolean): Shortcut | null {
  if (event.defaultPrevented || event.isComposing || event.altKey) return null;
  const key = event.key.toLowerCase();
  if (event.ctrlKey || event.metaKey) return key === 'k' ? { is: 'palette' } : null;
  if (typing) return null;
  if (key === '?') return { is: 'shortcuts' };
  return before === 'g' && key.length === 1 ? { is: 'go', key } : null;
}

/** Whether letters that are typed there are text. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.matches('input, textarea, select');
}
