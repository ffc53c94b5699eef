import { Search } from 'lucide-react';
import { Button } from 'react-aria-components';
import { words } from '../words/words';
import { COMMAND_KEY } from './shortcuts';

type Props = { onOpen: () => void; compact?: boolean };

const LOOK =
  'cursor-pointer items-center rounded-lg text-ink-faint transition-colors hover:text-ink ';

/** For those who do not know the key, and for phones, which have none. */
export function PaletteButton({ onOpen, compact }: Props) {
  const said = words().palette;
  return compact ? (
    <Button
      aria-label={said.open}
      onPress={onOpen}
      className={`${LOOK} grid size-10 place-items-center hover:bg-paper`}
    >
      <Search aria-hidden className="size-5" />
    </Button>
  ) : (
    <Button
      onPress={onOpen}
      className={`${LOOK} flex h-9 w-full gap-2.5 border border-line-strong bg-surface px-3 text-sm shadow-card`}
    >
      <Search aria-hidden className="size-4 shrink-0" />
      <span className="min-w-0 flex-1 truncate text-left">{said.open}</span>
      <kbd aria-hidden className="font-sans text-xs">
        {COMMAND_KEY} K
      </kbd>
    </Button>
  );
}
