import { useId } from 'react';
import { words } from '../words/words';
import { turnSingleKeys, useSingleKeys } from './single-keys';

/** Turns the shortcuts of one key on and off. */
export function SingleKeysField() {
  const said = words().palette.single_keys;
  const about = useId();
  const areOn = useSingleKeys();
  return (
    <div>
      <label className="flex items-start gap-3">
        <input
          type="checkbox"
          className="mt-1 size-4.5 shrink-0 accent-accent"
          aria-describedby={about}
          checked={areOn}
          onChange={event => turnSingleKeys(event.target.checked)}
        />
        {said.label}
      </label>
      <p id={about} className="mt-1 pl-7.5 text-sm text-ink-faint">
        {said.about}
      </p>
    </div>
  );
}
