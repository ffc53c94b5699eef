import { useQuery } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useRef } from 'react';
import { useNavigate } from 'react-router';
import { beforeLeaving } from '../leave-guard';
import { accountQuery, may } from '../session/account';
import { PLACES } from '../shell/places';
import { Palette } from './palette';
import { isTyping, SEQUENCE_MS, shortcutOf } from './shortcuts';
import { ShortcutsDialog } from './shortcuts-dialog';
import { areSingleKeysOn } from './single-keys';

/** What of it is open. */
export type Open = 'palette' | 'shortcuts' | null;

type Props = { open: Open; onOpen: (open: Open) => void };

/** The palette and the list of keys, and the keys that are heard everywhere. */
export function PaletteHost({ open, onOpen }: Props) {
  useShortcuts(onOpen);
  const close = () => onOpen(null);
  return (
    <>
      <Palette
        isOpen={open === 'palette'}
        onClose={close}
        onShowShortcuts={() => onOpen('shortcuts')}
      />
      <ShortcutsDialog isOpen={open === 'shortcuts'} onClose={close} />
    </>
  );
}

function useShortcuts(onOpen: (open: Open) => void) {
  const navigate = useNavigate();
  const { data: account } = useQuery(accountQuery);
  const before = useRef({ key: '', at: 0 });

  const onKey = useEffectEvent((event: KeyboardEvent) => {
    const isRecent = event.timeStamp - before.current.at < SEQUENCE_MS;
    const shortcut = shortcutOf(
      event,
      isRecent ? before.current.key : '',
      !areSingleKeysOn() || isTyping(event.target) || isInDialog(event.target),
    );
    before.current = { key: event.key.toLowerCase(), at: event.timeStamp };
    if (!shortcut) return;
    if (shortcut.is === 'go') {
      const place = PLACES.find(
        ({ key, least }) => key === shortcut.key && may(account?.role, least),
      );
      if (!place) return;
      beforeLeaving(() => navigate(place.to));
    } else {
      onOpen(shortcut.is);
    }
    event.preventDefault();
  });

  useEffect(() => {
    // After all others, so that an editor can keep a key for itself.
    const listener = (event: KeyboardEvent) => onKey(event);
    window.addEventListener('keydown', listener);
    return () => window.removeEventListener('keydown', listener);
  }, []);
}

/** What stands over the view has the keys. */
const isInDialog = (target: EventTarget | null): boolean =>
  target instanceof Element &&
  target.closest('[role=dialog], [role=alertdialog], [role=menu]') !== null;
