/*
 * Lets a view see the Back button before the router does. Window events reach their listeners in the order in which
 * these were added, so this module must be loaded before the router starts: see main.tsx.
 */
type Gate = (event: PopStateEvent) => void;

let gate: Gate | null = null;

window.addEventListener('popstate', event => gate?.(event));

export function setHistoryGate(next: Gate | null): void {
  gate = next;
}
