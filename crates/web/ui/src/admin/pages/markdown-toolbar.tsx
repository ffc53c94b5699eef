import {
  Bold,
  Code,
  Heading2,
  ImagePlus,
  Italic,
  Link2,
  List,
  type LucideIcon,
  Quote,
} from 'lucide-react';
import { Toolbar } from 'react-aria-components';
import { Button } from '../../ui/button';
import { bold, code, type Edit, heading, italic, link, list, quote } from './markdown-edits';

type Tool = { name: string; icon: LucideIcon; edit: Edit; key?: string };

const TOOLS: Tool[] = [
  { name: 'Bold', icon: Bold, edit: bold, key: 'b' },
  { name: 'Italic', icon: Italic, edit: italic, key: 'i' },
  { name: 'Heading', icon: Heading2, edit: heading },
  { name: 'Link', icon: Link2, edit: link, key: 'k' },
  { name: 'List', icon: List, edit: list },
  { name: 'Quote', icon: Quote, edit: quote },
  { name: 'Code', icon: Code, edit: code },
];

/** The edit a key combination stands for, if any. */
export function editForKey(event: {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
}): Edit | null {
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return null;
  return TOOLS.find(tool => tool.key === event.key.toLowerCase())?.edit ?? null;
}

const COMMAND = /Mac|iPhone|iPad/.test(navigator.userAgent) ? '⌘' : 'Ctrl+';

type Props = { onEdit: (edit: Edit) => void; onPicture: () => void };

export function MarkdownToolbar({ onEdit, onPicture }: Props) {
  return (
    <Toolbar aria-label="Formatting" className="flex flex-wrap">
      {TOOLS.map(({ name, icon: Icon, edit, key }) => (
        <span key={name} title={key ? `${name} (${COMMAND}${key.toUpperCase()})` : name}>
          <Button tone="quiet" size="icon" aria-label={name} onPress={() => onEdit(edit)}>
            <Icon aria-hidden />
          </Button>
        </span>
      ))}
      <span title="Picture">
        <Button tone="quiet" size="icon" aria-label="Picture" onPress={onPicture}>
          <ImagePlus aria-hidden />
        </Button>
      </span>
    </Toolbar>
  );
}
