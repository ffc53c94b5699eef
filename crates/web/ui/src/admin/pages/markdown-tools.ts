import {
  Bold,
  Code,
  Heading2,
  Italic,
  Link2,
  List,
  ListOrdered,
  type LucideIcon,
  Quote,
  Strikethrough,
} from 'lucide-react';
import type { AdminWords } from '../words/words';
import {
  bold,
  code,
  type Edit,
  heading,
  italic,
  link,
  list,
  numbered,
  quote,
  struck,
} from './markdown-edits';

/** With Control or Command; `code` is the place on the keyboard, for signs that Shift makes others of. */
type Shortcut = { code: string; shift?: boolean; shown: string };

export type ToolName = keyof AdminWords['editor']['tools'];

type Tool = { name: ToolName; icon: LucideIcon; edit: Edit; shortcut: Shortcut };

export const TOOLS: Tool[] = [
  { name: 'bold', icon: Bold, edit: bold, shortcut: { code: 'KeyB', shown: 'B' } },
  { name: 'italic', icon: Italic, edit: italic, shortcut: { code: 'KeyI', shown: 'I' } },
  {
    name: 'struck',
    icon: Strikethrough,
    edit: struck,
    shortcut: { code: 'KeyX', shift: true, shown: 'X' },
  },
  {
    name: 'heading',
    icon: Heading2,
    edit: heading,
    shortcut: { code: 'KeyH', shift: true, shown: 'H' },
  },
  { name: 'link', icon: Link2, edit: link, shortcut: { code: 'KeyK', shown: 'K' } },
  {
    name: 'list',
    icon: List,
    edit: list,
    shortcut: { code: 'Digit8', shift: true, shown: '8' },
  },
  {
    name: 'numbered',
    icon: ListOrdered,
    edit: numbered,
    shortcut: { code: 'Digit7', shift: true, shown: '7' },
  },
  {
    name: 'quote',
    icon: Quote,
    edit: quote,
    shortcut: { code: 'Digit9', shift: true, shown: '9' },
  },
  { name: 'code', icon: Code, edit: code, shortcut: { code: 'KeyE', shown: 'E' } },
];

export const PICTURE: Shortcut = { code: 'KeyU', shift: true, shown: 'U' };

type Pressed = Pick<KeyboardEvent, 'code' | 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>;

/** What a key combination stands for, if anything. */
export function toolForKey(event: Pressed): Edit | 'picture' | null {
  // Control and Alt together write signs on many keyboards.
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return null;
  const isMeant = ({ code, shift = false, shown }: Shortcut) =>
    event.shiftKey === shift &&
    // A letter is where the keyboard has it, a digit where its key is.
    (code.startsWith('Key') ? event.key.toUpperCase() === shown : event.code === code);
  if (isMeant(PICTURE)) return 'picture';
  return TOOLS.find(tool => isMeant(tool.shortcut))?.edit ?? null;
}

const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** As people write it: `Ctrl+Shift+8`. */
export const shownShortcut = ({ shift, shown }: Shortcut): string =>
  isMac ? `${shift ? '⇧' : ''}⌘${shown}` : `Ctrl+${shift ? 'Shift+' : ''}${shown}`;
