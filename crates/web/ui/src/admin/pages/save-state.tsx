import { Check, CircleDot, LoaderCircle } from 'lucide-react';

type Props = { running: boolean; dirty: boolean; isNew: boolean };

/** Whether the text is safe, for the eye and for screen readers. */
export function SaveState({ running, dirty, isNew }: Props) {
  const [text, Icon, look] = running
    ? (['Saving…', LoaderCircle, 'text-ink-faint [&_svg]:animate-spin'] as const)
    : dirty
      ? (['Unsaved changes', CircleDot, 'text-warn'] as const)
      : ([isNew ? '' : 'Saved', Check, 'text-ink-faint'] as const);
  return (
    <p role="status" className={`flex items-center gap-1.5 text-sm whitespace-nowrap ${look}`}>
      {text && <Icon aria-hidden className="size-4" />}
      {text}
    </p>
  );
}
