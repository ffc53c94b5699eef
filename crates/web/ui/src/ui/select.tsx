import type { ComponentProps } from 'react';
import { INPUT } from './field';

type Props<Value extends string> = Omit<ComponentProps<'select'>, 'onChange' | 'value'> & {
  label: string;
  options: { value: Value; label: string }[];
  value: Value;
  onChange: (value: Value) => void;
};

/** One of many, where buttons side by side would have no room. Its label is for screen readers: the first option says what it is about. */
export function Select<Value extends string>({
  label,
  options,
  value,
  onChange,
  ...rest
}: Props<Value>) {
  return (
    <select
      {...rest}
      aria-label={label}
      value={value}
      onChange={event => {
        const chosen = options.find(option => option.value === event.target.value);
        if (chosen) onChange(chosen.value);
      }}
      className={`${INPUT} h-10 w-auto max-w-44 text-[0.9375rem] max-sm:min-w-36 max-sm:flex-1`}
    >
      {options.map(option => (
        <option key={option.value} value={option.value}>
          {option.label}
        </option>
      ))}
    </select>
  );
}
