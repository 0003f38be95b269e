import { hash64 } from '../hash.ts';
import type { Presumption } from '../types.ts';
import type { Statement } from './pipeline.ts';

/** What a transaction goes by without having asked, until its commit. */
export interface Presumed {
  presumption: Presumption;
  keys: readonly string[];
}

/** The SQLSTATE of a commit that found what was presumed not to be there (migrations/050-presumptions.sql). */
export const presumedCode = 'CW050';

/** Keys that were found, so that nothing is presumed of them any more: as many as are remembered, then anew. */
export interface Doubts {
  has(presumption: Presumption, key: string): boolean;
  add(presumed: readonly Presumed[]): void;
}

export function createDoubts(most: number): Doubts {
  const found = new Set<string>();
  const nameOf = ({ name }: Presumption, key: string) => `${name} ${key}`;
  return {
    has: (presumption, key) => found.has(nameOf(presumption, key)),
    add(presumed) {
      for (const { presumption, keys } of presumed) {
        if (found.size + keys.length > most) found.clear();
        for (const key of keys) found.add(nameOf(presumption, key));
      }
    },
  };
}

/**
 * Asks, before anything is written, whether it is as was presumed: first all locks, in the order in which `Tx.lock` takes them, then each
 * presumption once, of several transactions too.
 */
export function presumedStatements(presumed: readonly Presumed[]): Statement[] {
  if (presumed.length === 0) return [];
  const locks = new Set<string>();
  const keysOf = new Map<Presumption, Set<string>>();
  for (const { presumption, keys } of presumed) {
    const known = keysOf.get(presumption) ?? new Set();
    keysOf.set(presumption, known);
    for (const key of keys) {
      known.add(key);
      if (presumption.lock) locks.add(hash64(presumption.lock(key)));
    }
  }
  const asked = [...keysOf].map(([{ text }, keys]) => ({
    text: `SELECT presume_none(EXISTS (${text}))`,
    values: [[...keys]],
    name: `presume-${hash64(text)}`,
    isSilent: true,
  }));
  return locks.size === 0 ? asked : [{ ...lockShared, values: [[...locks].sort()] }, ...asked];
}

const lockShared = {
  text: 'SELECT pg_advisory_xact_lock_shared(n) FROM unnest((SELECT $1::bigint[])) AS n',
  name: 'lock-shared',
  isSilent: true,
};
