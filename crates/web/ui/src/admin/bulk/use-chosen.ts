import { useState } from 'react';

export type Choose = (ids: string[], isChosen: boolean) => void;

/** The things of a list that something is to be done to together. */
export function useChosen() {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const choose: Choose = (some, isChosen) =>
    setIds(before => {
      const next = new Set(before);
      for (const id of some) {
        if (isChosen) next.add(id);
        else next.delete(id);
      }
      return next;
    });
  return { ids, choose, chooseNone: () => setIds(new Set()) };
}
