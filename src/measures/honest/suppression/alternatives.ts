import type { Table } from './cells.ts';

/** One sum as seen from its unknown cells: they enter with +1 (parts) or -1 (the total). */
interface Equation {
  terms: readonly { cell: string; sign: 1 | -1 }[];
}

/** What readers do not know, and what ties it together. */
export interface Unknowns {
  counts: ReadonlyMap<string, number>;
  /** The least that a reader takes for possible. A hidden cell is not 0: a 0 would have been printed. */
  least: ReadonlyMap<string, number>;
  equationsOf: ReadonlyMap<string, readonly number[]>;
  equations: readonly Equation[];
}

/** Cells that one change may touch, and steps that its search may take. Beyond, the search has found nothing. */
const maxTouched = 14;
const maxSteps = 4000;

export function unknownsOf({ cells, sums }: Table, hidden: ReadonlySet<string>): Unknowns {
  const unknown = cells.filter(({ id, kind }) => kind === 'derived' || hidden.has(id));
  const ids = new Set(unknown.map(({ id }) => id));
  const equations = sums
    .map(
      ({ total, parts }): Equation => ({
        terms: [{ cell: total, sign: -1 as const }, ...parts.map((cell) => ({ cell, sign: 1 as const }))].filter(
          ({ cell }) => ids.has(cell),
        ),
      }),
    )
    .filter(({ terms }) => terms.length > 0);
  const equationsOf = new Map<string, number[]>();
  equations.forEach(({ terms }, index) => {
    for (const { cell } of terms) equationsOf.set(cell, [...(equationsOf.get(cell) ?? []), index]);
  });
  return {
    counts: new Map(unknown.map(({ id, count }) => [id, count])),
    least: new Map(unknown.map(({ id, kind, count }) => [id, kind === 'derived' ? 0 : Math.min(1, count)])),
    equationsOf,
    equations,
  };
}

/**
 * How near to the value the cell comes in numbers that were found and fit everything that is shown. Others may come nearer; that none were
 * found does not mean that there are none.
 */
export function nearest(unknowns: Unknowns, cell: string, value: number): number {
  const counts = new Map(unknowns.counts);
  for (;;) {
    const now = counts.get(cell) ?? 0;
    const change = now === value ? undefined : changeOf(unknowns, counts, cell, now < value ? 1 : -1);
    if (!change) return now;
    // The same change as often as it goes: what it takes from must not fall below its least.
    let times = Math.abs(value - now);
    for (const [id, step] of change) {
      if (step < 0) times = Math.min(times, (counts.get(id) ?? 0) - (unknowns.least.get(id) ?? 0));
    }
    for (const [id, step] of change) counts.set(id, (counts.get(id) ?? 0) + step * times);
  }
}

type Change = Map<string, 1 | -1>;

/** Cells that go up or down by one together, `start` among them in the direction, so that every sum stays as it is. Short ones first. */
function changeOf(
  unknowns: Unknowns,
  counts: ReadonlyMap<string, number>,
  start: string,
  direction: 1 | -1,
): Change | undefined {
  for (let touched = 1; touched <= maxTouched; touched += touched < 6 ? 1 : 4) {
    const search = {
      unknowns,
      counts,
      touched,
      steps: 0,
      change: new Map<string, 1 | -1>(),
      off: new Map<number, number>(),
    };
    if (step(search, start, direction)) return search.change;
  }
  return undefined;
}

interface Search {
  unknowns: Unknowns;
  counts: ReadonlyMap<string, number>;
  touched: number;
  steps: number;
  change: Change;
  /** By how much each equation is off now. */
  off: Map<number, number>;
}

/** Moves one cell and then mends what that broke; takes everything back when it cannot be mended. */
function step(search: Search, cell: string, direction: 1 | -1): boolean {
  const { unknowns, counts, change, off } = search;
  search.steps += 1;
  if (direction === -1 && (counts.get(cell) ?? 0) - 1 < (unknowns.least.get(cell) ?? 0)) return false;
  apply(search, cell, direction);
  change.set(cell, direction);
  if (mend(search)) return true;
  change.delete(cell);
  apply(search, cell, direction === 1 ? -1 : 1);
  for (const [index, by] of off) if (by === 0) off.delete(index);
  return false;
}

function apply({ unknowns, off }: Search, cell: string, direction: number): void {
  for (const index of unknowns.equationsOf.get(cell) ?? []) {
    const sign = unknowns.equations[index]?.terms.find((term) => term.cell === cell)?.sign ?? 0;
    off.set(index, (off.get(index) ?? 0) + sign * direction);
  }
}

function mend(search: Search): boolean {
  const { unknowns, off, change, touched } = search;
  let broken: [number, number] | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  // The equation with the fewest ways to mend it first: it fails soonest.
  for (const [index, by] of off) {
    if (by === 0) continue;
    const ways = unknowns.equations[index]?.terms.length ?? 0;
    if (ways < fewest) {
      broken = [index, by];
      fewest = ways;
    }
  }
  if (!broken) return true;
  if (change.size >= touched || search.steps > maxSteps) return false;
  const [index, by] = broken;
  for (const { cell, sign } of unknowns.equations[index]?.terms ?? []) {
    if (change.has(cell)) continue;
    if (step(search, cell, sign * by > 0 ? -1 : 1)) return true;
    if (search.steps > maxSteps) return false;
  }
  return false;
}
