import { Check, CircleAlert, CircleDot, LoaderCircle } from 'lucide-react';
import { useWords } from '../words/words';

export type SaveStateName = 'new' | 'saved' | 'changed' | 'saving' | 'failed';

const LOOKS = {
  saved: [Check, 'text-ink-faint'],
  changed: [CircleDot, 'text-ink-soft'],
  saving: [LoaderCircle, 'text-ink-faint [&_svg]:animate-spin'],
  failed: [CircleAlert, 'text-danger'],
} as const;

/** Whether the text is safe, for the eye and for screen readers. */
export function SaveState({ state }: { state: SaveStateName }) {
  const said = useWords().editor;
  const [Icon, look] = state === 'new' ? [null, ''] : LOOKS[state];
  return (
    <p
      role="status"
      title={state === 'changed' ? said.state_changed_hint : undefined}
      className={`flex items-center gap-1.5 text-sm whitespace-nowrap ${look}`}
    >
      {Icon && <Icon aria-hidden className="size-4" />}
      {state !== 'new' && said[`state_${state}`]}
    </p>
  );
}
