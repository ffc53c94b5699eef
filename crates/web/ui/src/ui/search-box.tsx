import { Search } from 'lucide-react';
import { INPUT } from './field';

type Props = { label: string; value: string; onChange: (value: string) => void };

export function SearchBox({ label, value, onChange }: Props) {
  return (
    <search className="relative min-w-48 flex-1 sm:max-w-xs">
      <Search aria-hidden className="absolute top-3 left-3 size-4 text-ink-faint" />
      <input
        type="search"
        aria-label={label}
        placeholder={label}
        autoComplete="off"
        value={value}
        onChange={event => onChange(event.target.value)}
        className={`${INPUT} h-10 pl-9`}
      />
    </search>
  );
}
