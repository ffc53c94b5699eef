import { useEffect, useRef } from 'react';
import { words } from '../words/words';
import type { Choice, Section } from './choose';
import type { Command } from './commands';

type Props = {
  id: string;
  sections: Section[];
  /** Which of all is chosen, counted over the sections. */
  current: number;
  onPoint: (at: number) => void;
  onChoose: (command: Command) => void;
};

/** The choices below the field. The focus stays in the field, which says which one is chosen. */
export function CommandList({ id, sections, current, onPoint, onChoose }: Props) {
  const said = words().palette;
  const box = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: for each new choice
  useEffect(() => {
    box.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  }, [current, sections.length]);
  const starts = sections.map((_, at) =>
    sections.slice(0, at).reduce((count, { choices }) => count + choices.length, 0),
  );
  return (
    <div
      ref={box}
      id={id}
      role="listbox"
      aria-label={said.results}
      className="max-h-[min(26rem,60dvh)] scroll-py-2 overflow-y-auto overscroll-contain p-2"
    >
      {sections.map(({ group, choices }, section) => (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset is no part of a list
        <div key={group} role="group" aria-labelledby={`${id}-${group}`} className="mb-1">
          <p id={`${id}-${group}`} className="px-3 pt-2 pb-1 text-xs font-semibold text-ink-faint">
            {said.groups[group]}
          </p>
          {choices.map((choice, offset) => {
            const at = (starts[section] ?? 0) + offset;
            return (
              <Option
                key={choice.command.id}
                id={`${id}-${at}`}
                choice={choice}
                isCurrent={at === current}
                onPoint={() => onPoint(at)}
                onChoose={() => onChoose(choice.command)}
              />
            );
          })}
        </div>
      ))}
    </div>
  );
}

type OptionProps = {
  id: string;
  choice: Choice;
  isCurrent: boolean;
  onPoint: () => void;
  onChoose: () => void;
};

function Option({ id, choice: { command, at }, isCurrent, onPoint, onChoose }: OptionProps) {
  const Icon = command.icon;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are heard by the field
    <div
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={isCurrent}
      onPointerMove={onPoint}
      onClick={onChoose}
      className="flex cursor-pointer items-center gap-3 rounded-lg px-3 py-2 aria-selected:bg-accent-soft aria-selected:text-accent-strong"
    >
      <Icon aria-hidden className="size-[1.15rem] shrink-0 opacity-75" />
      <span className="min-w-0 flex-1 truncate">{marked(command.label, at)}</span>
      {command.hint && (
        <span className="max-w-[45%] shrink-0 truncate text-sm text-ink-faint">{command.hint}</span>
      )}
    </div>
  );
}

/** The letters that were typed stand out. */
function marked(label: string, at: number[]) {
  return [...label].map((letter, place) =>
    at.includes(place) ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: a letter is its place
      <span key={place} className="font-semibold underline decoration-1 underline-offset-3">
        {letter}
      </span>
    ) : (
      letter
    ),
  );
}
