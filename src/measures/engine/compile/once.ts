import type { SharedValues } from '../model/slice-view.ts';
import type { Value } from '../values/types.ts';
import { closureOf, type Reach } from './reach.ts';
import type { Run } from './run.ts';
import type { Compiled } from './types.ts';

/** Whether a part of the logic may depend on the clock: known only when everything that it refers to is compiled, and then remembered. */
export function readsNowIn(reach: Reach): () => boolean {
  let known: boolean | undefined;
  return () => {
    known ??= [...closureOf([reach])].some(({ readsNow }) => readsNow);
    return known;
  };
}

/** A definition is computed when it is first asked for in a run. */
export function onceInRun(slot: number, compute: Compiled, reach: Reach): Compiled {
  const readsNow = readsNowIn(reach);
  return (frame) => {
    const { run } = frame;
    const known = run.definitions[slot];
    if (known !== undefined) return known;
    if (run.follow && readsNow()) return run.follow.value(slot, compute);
    const value = compute(frame);
    run.definitions[slot] = value;
    return value;
  };
}

/** What looks at more rows than this is computed in each run: that work has to count against the bound of each measure. */
export const mostRowsShared = 1000;

/** Where a part of a library keeps what was found for all measures. */
export interface Shelf {
  /** The place among shared values; undefined when there is none. */
  readonly place: number | undefined;
  readonly readsNow: boolean;
}

/** Found out at the first run: only then everything that the part refers to is compiled. */
export function shelfOf(reach: Reach, placeOf: () => number | undefined): () => Shelf {
  const readsNow = readsNowIn(reach);
  let known: Shelf | undefined;
  return () => {
    known ??= { place: placeOf(), readsNow: readsNow() };
    return known;
  };
}

/** Undefined when what looks at the clock is followed from moment to moment. */
export function sharedIn(run: Run, { readsNow }: Shelf): SharedValues | undefined {
  if (!readsNow) return run.shared;
  return run.follow ? undefined : run.sharedNow;
}

/**
 * The same for what several measures ask of the same child: a definition is computed from the slice, the zone and the period alone, and from the
 * moment when it asks what time it is. A fault is nothing that is kept.
 */
export function onceInSlice(slot: number, shelf: () => Shelf, compute: Compiled): Compiled {
  return (frame) => {
    const { run } = frame;
    // What looks at many rows.
    const inRun = run.definitions[slot];
    if (inRun !== undefined) return inRun;
    const at = shelf();
    const shared = sharedIn(run, at);
    if (!shared && run.follow) return run.follow.value(slot, compute);
    const known = shared && at.place !== undefined ? shared.values[at.place] : undefined;
    if (known !== undefined) return known;
    const { steps } = run;
    const value: Value = compute(frame);
    if (shared && at.place !== undefined && steps - run.steps <= mostRowsShared) shared.values[at.place] = value;
    else run.definitions[slot] = value;
    return value;
  };
}
