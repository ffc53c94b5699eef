import type { HealthCheck, HealthNode } from '../../api/types';
import { words } from '../words/words';

/* How the page calls what the server names in English; undefined where it knows no other word. */

export const otherNameOfCheck = (id: string): string | undefined => words().checks.of[id]?.title;

export const otherNameOfNode = ({ id }: HealthNode): string | undefined => words().checks.nodes[id];

export const otherNameOfValue = (name: string): string | undefined => words().checks.values[name];

export function otherNameOfFeature(id: string): string | undefined {
  const names: Record<string, string> = words().features.names;
  return names[id];
}

/** A check in a sentence. */
export const nameOfCheck = ({ id, title }: HealthCheck): string => otherNameOfCheck(id) ?? title;
