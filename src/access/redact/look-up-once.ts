import type { View } from '../types.ts';
import { type LookUpDeps, lookUp, type Targets } from './references.ts';

/** `lookUp` for the answers of a view. */
export type LookUpFor = (view: View, targets: ReadonlySet<string>) => Promise<Targets>;

/**
 * Patients that a view was found to show are remembered as long as the view: two seconds at most, and not beyond a change of any Patient
 * in this process (access.ts). Nearly every reference of an answer leads to one, and every request of a family names one.
 */
export function lookUpOnce(deps: LookUpDeps): LookUpFor {
  const patients = new WeakMap<View, Set<string>>();
  return async (view, targets) => {
    const known = patients.get(view) ?? new Set<string>();
    patients.set(view, known);
    const found = await lookUp(new Set([...targets].filter((target) => !known.has(target))), view, deps);
    for (const target of found.seen) if (target.startsWith('Patient/')) known.add(target);
    return { seen: new Set([...targets].filter((one) => known.has(one) || found.seen.has(one))), hidden: found.hidden };
  };
}
