import { useEffect, useEffectEvent, useState } from 'react';
import { useNavigate } from 'react-router';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { setHistoryGate } from '../ui/history-gate';
import { innerPath } from '../ui/inner-path';
import { words } from './words/words';

type Go = () => void;

let ask: ((go: Go) => void) | null = null;

/** For acts that leave the view without being a link: done at once, or after the guard has asked. */
export function beforeLeaving(go: Go): void {
  if (ask) ask(go);
  else go();
}

type Props = {
  active: boolean;
  title?: string;
  text?: string;
  /** Brings what is unsaved into safety; where that works, nobody is asked. */
  save?: () => Promise<boolean>;
};

/**
 * Asks before unsaved work is left behind, in all four ways of leaving: closing the tab, following a link, going back,
 * and `beforeLeaving`. (The router's own blocker comes only with its data mode, which every visitor would have to
 * download.)
 */
export function LeaveGuard({ active, title, text, save }: Props) {
  const said = words().leaving;
  const [pending, setPending] = useState<Go | null>(null);
  const navigate = useNavigate();
  const isSafe = useEffectEvent(async () => (save ? save() : false));

  useEffect(() => {
    if (!active) return;
    const hold = async (go: Go) => {
      if (await isSafe()) go();
      else setPending(() => go);
    };
    ask = hold;
    const stopListening = [guardTab(), guardLinks(hold, navigate), guardHistory(hold)];
    return () => {
      ask = null;
      for (const stop of stopListening) stop();
    };
  }, [active, navigate]);

  const close = () => setPending(null);
  return (
    <Dialog
      alert
      title={title ?? said.title}
      isOpen={pending !== null}
      onClose={close}
      actions={
        <>
          <Button onPress={close} autoFocus>
            {said.stay}
          </Button>
          <Button
            tone="danger"
            onPress={() => {
              close();
              pending?.();
            }}
          >
            {said.leave}
          </Button>
        </>
      }
    >
      {text ?? said.text}
    </Dialog>
  );
}

function guardTab(): Go {
  const warn = (event: BeforeUnloadEvent) => event.preventDefault();
  window.addEventListener('beforeunload', warn);
  return () => window.removeEventListener('beforeunload', warn);
}

function guardLinks(hold: (go: Go) => void, navigate: (path: string) => void): Go {
  const stop = (event: MouseEvent) => {
    const path = innerPath(event);
    // A link out of the admin area is a page of its own: the browser asks, see guardTab.
    if (!path?.startsWith('/admin')) return;
    event.preventDefault();
    event.stopPropagation();
    hold(() => navigate(path));
  };
  // In the capture phase, so that the router's links do not see the click.
  document.addEventListener('click', stop, { capture: true });
  return () => document.removeEventListener('click', stop, { capture: true });
}

/** The browser has already moved when it tells; so the guard moves it back, and forward again once that is wanted. */
function guardHistory(hold: (go: Go) => void): Go {
  const place = (state: unknown) => (state as { idx?: number } | null)?.idx;
  const here = place(history.state);
  let returning = false;
  let leaving = false;

  setHistoryGate(event => {
    const there = place(event.state);
    if (leaving || here === undefined || there === undefined) return;
    event.stopImmediatePropagation();
    if (returning) {
      returning = false;
      return;
    }
    const distance = there - here;
    if (distance === 0) return;
    returning = true;
    history.go(-distance);
    hold(() => {
      leaving = true;
      history.go(distance);
    });
  });
  return () => setHistoryGate(null);
}
