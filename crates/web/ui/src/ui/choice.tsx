import { ToggleButton, ToggleButtonGroup } from 'react-aria-components';

type Props<Value extends string> = {
  label: string;
  options: { value: Value; label: string }[];
  value: Value;
  onChange: (value: Value) => void;
  className?: string;
};

/** A few exclusive options side by side. */
export function Choice<Value extends string>({
  label,
  options,
  value,
  onChange,
  className = '',
}: Props<Value>) {
  return (
    <ToggleButtonGroup
      aria-label={label}
      selectionMode="single"
      disallowEmptySelection
      selectedKeys={[value]}
      onSelectionChange={keys => {
        const chosen = options.find(option => keys.has(option.value));
        if (chosen) onChange(chosen.value);
      }}
      className={`inline-flex rounded-lg bg-sunken p-1 ${className}`}
    >
      {options.map(option => (
        <ToggleButton
          key={option.value}
          id={option.value}
          className={
            'h-8 cursor-pointer rounded-md px-3 text-sm font-medium text-ink-soft transition-colors hover:text-ink ' +
            'data-selected:bg-surface data-selected:text-ink data-selected:shadow-card'
          }
        >
          {option.label}
        </ToggleButton>
      ))}
    </ToggleButtonGroup>
  );
}
