import { ImagePlus } from 'lucide-react';
import type { ReactNode } from 'react';
import { Toolbar } from 'react-aria-components';
import { Button } from '../../ui/button';
import { useWords } from '../words/words';
import type { Edit } from './markdown-edits';
import { PICTURE, shownShortcut, TOOLS, type ToolName } from './markdown-tools';

type Props = { onEdit: (edit: Edit) => void; onPicture: () => void };

export function MarkdownToolbar({ onEdit, onPicture }: Props) {
  const said = useWords().editor;
  return (
    <Toolbar aria-label={said.formatting} className="flex flex-wrap">
      {TOOLS.map(({ name, icon: Icon, edit, shortcut }) => (
        <Tool key={name} name={name} shortcut={shortcut} onPress={() => onEdit(edit)}>
          <Icon aria-hidden />
        </Tool>
      ))}
      <Tool name="picture" shortcut={PICTURE} onPress={onPicture}>
        <ImagePlus aria-hidden />
      </Tool>
    </Toolbar>
  );
}

type ToolProps = {
  name: ToolName;
  shortcut: Parameters<typeof shownShortcut>[0];
  onPress: () => void;
  children: ReactNode;
};

function Tool({ name, shortcut, onPress, children }: ToolProps) {
  const label = useWords().editor.tools[name];
  return (
    <span title={`${label} (${shownShortcut(shortcut)})`}>
      <Button
        tone="quiet"
        size="icon"
        className="max-xs:size-8"
        aria-label={label}
        onPress={onPress}
      >
        {children}
      </Button>
    </span>
  );
}
