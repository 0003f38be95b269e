import type { Term, Unknowns } from './unknowns.ts';

/** Bundles that one change may touch, in growing numbers, and steps that each search may take. Beyond, the search has found nothing. */
const touches = [2, 4, 6, 8, 12, 24, 48, 192];
const maxSteps = 1000;

const { abs, min } = Math;
const unlimited = Number.POSITIVE_INFINITY;

/**
 * How near to the value the cell comes in numbers that were found and fit everything that is shown. Others may come nearer; that none were
 * found does not mean that there are none. Undefined when the cell is not among the unknown.
 */
export function nearest(unknowns: Unknowns, cell: string, value: number): number | undefined {
  const place = unknowns.place.get(cell);
  if (!place) return undefined;
  const { count, bundle, sign } = place;
  if (bundle === undefined) return count;
  const shifts = new Array<number>(unknowns.within.length).fill(0);
  for (;;) {
    const now = count + sign * (shifts[bundle] ?? 0);
    const change =
      now === value ? undefined : changeOf(unknowns, shifts, bundle, now < value === (sign === 1) ? 1 : -1);
    if (!change) return now;
    // The same change as often as it goes: what it takes from must not fall below its least.
    let times = abs(value - now);
    change.forEach((step, at) => {
      if (step !== 0) times = min(times, room(unknowns, shifts, at, step));
    });
    change.forEach((step, at) => {
      shifts[at] = (shifts[at] ?? 0) + step * times;
    });
  }
}

/** How far a bundle may still go in a direction. */
function room({ up, down }: Unknowns, shifts: readonly number[], at: number, direction: number): number {
  const shift = shifts[at] ?? 0;
  return direction > 0 ? (up[at] ?? 0) - shift : (down[at] ?? 0) + shift;
}

/** Bundles that go up or down by one together, `start` among them in the direction, so that every sum stays as it is. Short ones first. */
function changeOf(
  unknowns: Unknowns,
  shifts: readonly number[],
  start: number,
  direction: 1 | -1,
): Int8Array | undefined {
  for (const touched of touches) {
    const search: Search = {
      unknowns,
      shifts,
      left: touched,
      steps: 0,
      change: new Int8Array(shifts.length),
      off: new Int32Array(unknowns.terms.length),
      broken: [],
    };
    if (step(search, start, direction)) return search.change;
    // It had room for more and found nothing.
    if (touched > shifts.length) return undefined;
  }
  return undefined;
}

interface Search {
  unknowns: Unknowns;
  shifts: readonly number[];
  /** Bundles that may still be touched. */
  left: number;
  steps: number;
  /** By bundle: +1, -1, or 0 for untouched. */
  change: Int8Array;
  /** By how much each equation is off now, and those that have been off. */
  off: Int32Array;
  broken: number[];
}

function movable({ unknowns, shifts, change }: Search, at: number, direction: number): boolean {
  return change[at] === 0 && room(unknowns, shifts, at, direction) >= 1;
}

/** Moves one bundle and then mends what that broke; takes everything back when it cannot be mended. */
function step(search: Search, at: number, direction: 1 | -1): boolean {
  search.steps += 1;
  if (!movable(search, at, direction)) return false;
  const known = search.broken.length;
  search.change[at] = direction;
  search.left -= 1;
  for (const { at: equation, factor } of search.unknowns.within[at] ?? []) {
    search.off[equation] = (search.off[equation] ?? 0) + factor * direction;
    search.broken.push(equation);
  }
  if (search.left >= 0 && mend(search)) return true;
  for (const { at: equation, factor } of search.unknowns.within[at] ?? []) {
    search.off[equation] = (search.off[equation] ?? 0) - factor * direction;
  }
  search.broken.length = known;
  search.left += 1;
  search.change[at] = 0;
  return false;
}

function mend(search: Search): boolean {
  const ways = fewestWays(search);
  if (ways === 'nothing is off') return true;
  if (search.left <= 0) return false;
  for (const { at, factor } of ways) {
    if (step(search, at, factor > 0 ? 1 : -1)) return true;
    if (search.steps > maxSteps) return false;
  }
  return false;
}

/** The moves that mend the equation that has the fewest of them: it fails soonest. The sign of `factor` is the direction. */
function fewestWays(search: Search): Term[] | 'nothing is off' {
  let best = -1;
  let fewest = unlimited;
  for (const equation of search.broken) {
    if (search.off[equation] === 0) continue;
    let ways = 0;
    for (const term of search.unknowns.terms[equation] ?? []) {
      if (mends(search, equation, term)) ways += 1;
      if (ways >= fewest) break;
    }
    if (ways === 0) return [];
    if (ways < fewest) [best, fewest] = [equation, ways];
  }
  if (best === -1) return 'nothing is off';
  const by = search.off[best] ?? 0;
  const terms = (search.unknowns.terms[best] ?? []).filter((term) => mends(search, best, term));
  return terms.map(({ at, factor }) => ({ at, factor: factor * by > 0 ? -1 : 1 }));
}

function mends(search: Search, equation: number, { at, factor }: Term): boolean {
  const by = search.off[equation] ?? 0;
  return abs(factor) <= abs(by) && movable(search, at, factor * by > 0 ? -1 : 1);
}
