import { useSyncExternalStore } from 'react';

/*
 * Whether keys without Ctrl do anything. Who dictates, or presses keys by accident, turns them off: for this browser, since
 * it is about the person and the device at once.
 */
const KEY = 'magnetiq-single-keys';
const listeners = new Set<() => void>();
let areOn = stored() !== 'off';

export const areSingleKeysOn = (): boolean => areOn;

export function turnSingleKeys(on: boolean): void {
  areOn = on;
  try {
    localStorage.setItem(KEY, on ? 'on' : 'off');
  } catch {
    // Storage may be forbidden; the choice then lasts until the tab is closed.
  }
  for (const notify of listeners) notify();
}

export function useSingleKeys(): boolean {
  return useSyncExternalStore(notify => {
    listeners.add(notify);
    return () => listeners.delete(notify);
  }, areSingleKeysOn);
}

function stored(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}
