import type { Need } from '../contract.ts';
import type { ValueSet } from '../values/code.ts';

/** What a definition or function looks at by itself, and what it refers to. */
export interface Reach {
  readonly needs: Need[];
  /** Value sets that it names, whatever for. */
  readonly valueSets: Set<ValueSet>;
  /** Definitions and functions it refers to. */
  readonly refersTo: Set<Reach>;
  /** Asks what time it is. */
  readsNow: boolean;
}

export function emptyReach(): Reach {
  return { needs: [], valueSets: new Set(), refersTo: new Set(), readsNow: false };
}

/** These and all that they lead to. */
export function closureOf(start: readonly Reach[]): Set<Reach> {
  const found = new Set<Reach>(start);
  // A set that grows while it is walked is walked to its new end.
  for (const reach of found) for (const next of reach.refersTo) found.add(next);
  return found;
}
