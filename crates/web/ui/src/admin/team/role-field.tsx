import type { ComponentProps } from 'react';
import { INPUT } from '../../ui/field';
import { words } from '../words/words';

/** What an account may do, with what that is. Works with `register` of react-hook-form. */
export function RoleField(select: ComponentProps<'select'>) {
  const said = words().team;
  return (
    <label className="grid gap-1.5 text-sm font-medium text-ink-soft">
      {said.role}
      <select {...select} className={`${INPUT} h-10 text-base text-ink`}>
        {(['viewer', 'editor', 'admin'] as const).map(role => (
          <option key={role} value={role}>
            {said.role_choices[role]}
          </option>
        ))}
      </select>
    </label>
  );
}
