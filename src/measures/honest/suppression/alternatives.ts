import type { Table } from './cells.ts';

/**
 * What readers do not know of a table, and what ties it together: every sum is an equation in which its unknown parts have +1 and its unknown
 * total has -1. Cells and equations are numbers here, because the search takes many steps.
 */
export interface Unknowns {
  place: ReadonlyMap<string, number>;
  counts: readonly number[];
  /** The least that a reader takes for possible. A hidden cell is not 0: a 0 would have been printed. */
  least: readonly number[];
  /** By equation. */
  terms: readonly (readonly Term[])[];
  /** By cell: its equations. */
  within: readonly (readonly Term[])[];
}

interface Term {
  at: number;
  sign: 1 | -1;
}

/** Cells that one change may touch, in growing numbers, and steps that each search may take. Beyond, the search has found nothing. */
const touches = [2, 4, 6, 8, 12, 24, 48, 192];
const maxSteps = 2000;

export function unknownsOf({ cells, sums }: Table, hidden: ReadonlySet<string>): Unknowns {
  const unknown = cells.filter(({ id, kind }) => kind === 'derived' || hidden.has(id));
  const place = new Map(unknown.map(({ id }, index) => [id, index]));
  const terms: Term[][] = [];
  const within: Term[][] = unknown.map(() => []);
  for (const { total, parts } of sums) {
    const own: Term[] = [];
    const add = (id: string, sign: 1 | -1) => {
      const at = place.get(id);
      if (at === undefined) return;
      own.push({ at, sign });
      within[at]?.push({ at: terms.length, sign });
    };
    add(total, -1);
    for (const part of parts) add(part, 1);
    if (own.length > 0) terms.push(own);
  }
  // What is in few sums first: it breaks least when it moves.
  for (const own of terms) own.sort((a, b) => (within[a.at]?.length ?? 0) - (within[b.at]?.length ?? 0));
  return {
    place,
    counts: unknown.map(({ count }) => count),
    least: unknown.map(({ kind, count }) => (kind === 'derived' ? 0 : Math.min(1, count))),
    terms,
    within,
  };
}

/**
 * How near to the value the cell comes in numbers that were found and fit everything that is shown. Others may come nearer; that none were
 * found does not mean that there are none. Undefined when the cell is not among the unknown.
 */
export function nearest(unknowns: Unknowns, cell: string, value: number): number | undefined {
  const at = unknowns.place.get(cell);
  if (at === undefined) return undefined;
  const counts = [...unknowns.counts];
  for (;;) {
    const now = counts[at] ?? 0;
    const change = now === value ? undefined : changeOf(unknowns, counts, at, now < value ? 1 : -1);
    if (!change) return now;
    // The same change as often as it goes: what it takes from must not fall below its least.
    let times = Math.abs(value - now);
    change.forEach((step, each) => {
      if (step < 0) times = Math.min(times, (counts[each] ?? 0) - (unknowns.least[each] ?? 0));
    });
    change.forEach((step, each) => {
      counts[each] = (counts[each] ?? 0) + step * times;
    });
  }
}

/** Cells that go up or down by one together, `start` among them in the direction, so that every sum stays as it is. Short ones first. */
function changeOf(
  unknowns: Unknowns,
  counts: readonly number[],
  start: number,
  direction: 1 | -1,
): Int8Array | undefined {
  for (const touched of touches) {
    const search: Search = {
      unknowns,
      counts,
      left: touched,
      steps: 0,
      change: new Int8Array(counts.length),
      off: new Int32Array(unknowns.terms.length),
      broken: [],
    };
    if (step(search, start, direction)) return search.change;
  }
  return undefined;
}

interface Search {
  unknowns: Unknowns;
  counts: readonly number[];
  /** Cells that may still be touched. */
  left: number;
  steps: number;
  /** By cell: +1, -1, or 0 for untouched. */
  change: Int8Array;
  /** By how much each equation is off now, and those that have been off. */
  off: Int32Array;
  broken: number[];
}

function movable({ unknowns, counts, change }: Search, cell: number, direction: number): boolean {
  return change[cell] === 0 && (direction > 0 || (counts[cell] ?? 0) - 1 >= (unknowns.least[cell] ?? 0));
}

/** Moves one cell and then mends what that broke; takes everything back when it cannot be mended. */
function step(search: Search, cell: number, direction: 1 | -1): boolean {
  search.steps += 1;
  if (!movable(search, cell, direction)) return false;
  const known = search.broken.length;
  search.change[cell] = direction;
  search.left -= 1;
  for (const { at, sign } of search.unknowns.within[cell] ?? []) {
    search.off[at] = (search.off[at] ?? 0) + sign * direction;
    search.broken.push(at);
  }
  if (search.left >= 0 && mend(search)) return true;
  for (const { at, sign } of search.unknowns.within[cell] ?? []) {
    search.off[at] = (search.off[at] ?? 0) - sign * direction;
  }
  search.broken.length = known;
  search.left += 1;
  search.change[cell] = 0;
  return false;
}

function mend(search: Search): boolean {
  const ways = fewestWays(search);
  if (ways === 'nothing is off') return true;
  if (search.left <= 0) return false;
  for (const { at, sign } of ways) {
    if (step(search, at, sign)) return true;
    if (search.steps > maxSteps) return false;
  }
  return false;
}

/** The moves that mend the equation that has the fewest of them: it fails soonest. `sign` is the direction. */
function fewestWays(search: Search): Term[] | 'nothing is off' {
  let fewest: Term[] | 'nothing is off' = 'nothing is off';
  for (const equation of search.broken) {
    const by = search.off[equation] ?? 0;
    if (by === 0) continue;
    const ways: Term[] = [];
    for (const { at, sign } of search.unknowns.terms[equation] ?? []) {
      const direction = sign * by > 0 ? -1 : 1;
      if (movable(search, at, direction)) ways.push({ at, sign: direction });
    }
    if (ways.length === 0) return ways;
    if (fewest === 'nothing is off' || ways.length < fewest.length) fewest = ways;
  }
  return fewest;
}
