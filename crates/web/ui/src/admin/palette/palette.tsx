import { useQuery } from '@tanstack/react-query';
import { Search } from 'lucide-react';
import { type KeyboardEvent, useId, useState } from 'react';
import { Dialog, Modal, ModalOverlay } from 'react-aria-components';
import { useNavigate } from 'react-router';
import { counted, fill } from '../../i18n/language';
import { useDebounced } from '../../ui/hooks';
import { useTheme } from '../../ui/theme';
import { beforeLeaving } from '../leave-guard';
import { useStartBackup } from '../operations/use-start-backup';
import { accountQuery } from '../session/account';
import { useSignOut } from '../session/use-sign-out';
import { words } from '../words/words';
import { choose } from './choose';
import { CommandList } from './command-list';
import { type Command, commandsFor } from './commands';
import { commandsOf, foundQuery, LETTERS_LEAST } from './found';

type Props = { isOpen: boolean; onClose: () => void; onShowShortcuts: () => void };

/** One field from which every view, thing and act is reached, with the keyboard alone. */
export function Palette({ isOpen, onClose, onShowShortcuts }: Props) {
  return (
    <ModalOverlay
      isOpen={isOpen}
      onOpenChange={open => !open && onClose()}
      isDismissable
      className="fixed inset-0 z-40 flex items-start justify-center bg-veil p-3 sm:pt-[12vh]"
    >
      <Modal className="w-full max-w-xl animate-appear overflow-hidden rounded-2xl border border-line bg-surface shadow-float">
        <Dialog aria-label={words().palette.title} className="outline-none">
          <Inside onClose={onClose} onShowShortcuts={onShowShortcuts} />
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

function Inside({ onClose, onShowShortcuts }: Omit<Props, 'isOpen'>) {
  const said = words().palette;
  const listId = useId();
  const navigate = useNavigate();
  const signOut = useSignOut();
  const { start: backUp } = useStartBackup();
  const theme = useTheme();
  const { data: account } = useQuery(accountQuery);
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const q = useDebounced(typed.trim(), 150);
  const found = useQuery(foundQuery(q, account?.role));

  const role = account?.role;
  const commands = commandsFor({ role, theme, showShortcuts: onShowShortcuts, signOut, backUp });
  const searched = typed.trim().length >= LETTERS_LEAST;
  const sections = choose(typed, commands, searched && found.data ? commandsOf(found.data) : []);
  const shown = sections.flatMap(section => section.choices);
  const current = Math.min(at, shown.length - 1);

  const run = (command: Command) => {
    onClose();
    beforeLeavingIf('to' in command || command.id === 'sign-out', () => {
      if ('to' in command) navigate(command.to);
      else command.run();
    });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const chosen = shown[current];
    const to = { ArrowDown: current + 1, ArrowUp: current - 1 }[event.key];
    if (to !== undefined && shown.length > 0) setAt((to + shown.length) % shown.length);
    else if (event.key === 'Enter' && !event.nativeEvent.isComposing && chosen) run(chosen.command);
    else return;
    event.preventDefault();
  };
  const isLooking = searched && (found.isFetching || q !== typed.trim());

  return (
    <>
      <div className="flex items-center gap-3 border-b border-line px-4">
        <Search aria-hidden className="size-5 shrink-0 text-ink-faint" />
        <input
          role="combobox"
          aria-label={said.field}
          aria-expanded
          aria-controls={listId}
          aria-autocomplete="list"
          aria-activedescendant={shown[current] && `${listId}-${current}`}
          // biome-ignore lint/a11y/noAutofocus: it was opened to type into
          autoFocus
          autoComplete="off"
          spellCheck={false}
          placeholder={said.field}
          value={typed}
          onKeyDown={onKeyDown}
          onChange={event => {
            setTyped(event.target.value);
            setAt(0);
          }}
          className="h-14 min-w-0 flex-1 bg-transparent text-lg outline-none placeholder:text-ink-faint"
        />
      </div>
      <CommandList
        id={listId}
        sections={sections}
        current={current}
        onPoint={setAt}
        onChoose={run}
      />
      {shown.length === 0 && !isLooking && (
        <p className="px-4 pb-10 text-center text-ink-soft">
          <span className="block font-semibold text-ink">{fill(said.nothing, { q: typed })}</span>
          {said.nothing_text}
        </p>
      )}
      <p className="border-t border-line bg-sunken px-4 py-2 text-xs text-ink-faint max-sm:hidden">
        {said.how}
      </p>
      <p role="status" className="sr-only">
        {isLooking ? said.looking : counted(said.found, shown.length)}
      </p>
    </>
  );
}

/** Only what leaves the view can lose what was typed there. */
function beforeLeavingIf(leaves: boolean, go: () => void) {
  if (leaves) beforeLeaving(go);
  else go();
}
