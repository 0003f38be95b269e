import type { Table } from '../../../src/measures/honest/suppression/cells.ts';

/**
 * What somebody with pencil and paper finds out from a published table: written without a look at how hiding is decided. A hidden cell is
 * known not to be 0; what is never printed may be.
 */

// Looked up once: within tests a global is slow to reach.
const { abs, ceil, floor, max, min } = Math;
const unlimited = Number.POSITIVE_INFINITY;
const finite = Number.isFinite;

interface Known {
  /** By unknown cell. */
  low: Map<string, number>;
  high: Map<string, number>;
  /** Σ coefficient × unknown = value. */
  lines: { of: Map<string, number>; value: number }[];
}

function readTable({ cells, sums }: Table, hidden: ReadonlySet<string>): Known {
  const derived = new Set(cells.filter(({ kind }) => kind === 'derived').map(({ id }) => id));
  const isUnknown = (id: string) => hidden.has(id) || derived.has(id);
  const countOf = new Map(cells.map(({ id, count }) => [id, count]));
  const known: Known = { low: new Map(), high: new Map(), lines: [] };
  for (const { id, kind } of cells) {
    if (!isUnknown(id)) continue;
    known.low.set(id, kind === 'derived' ? 0 : 1);
    known.high.set(id, unlimited);
  }
  for (const { total, parts } of sums) {
    const of = new Map<string, number>();
    let value = 0;
    for (const [id, sign] of [[total, -1] as const, ...parts.map((part) => [part, 1] as const)]) {
      if (isUnknown(id)) of.set(id, (of.get(id) ?? 0) + sign);
      else value -= sign * (countOf.get(id) ?? 0);
    }
    if (of.size > 0) known.lines.push({ of, value });
  }
  return known;
}

/** Gauss-Jordan: all that follows from adding and subtracting lines. Entries stay small: the sums are nested. */
function eliminate(lines: Known['lines']): Known['lines'] {
  const rows = lines.map(({ of, value }) => ({ of: new Map(of), value }));
  const used = new Set<number>();
  for (const id of new Set(rows.flatMap(({ of }) => [...of.keys()]))) {
    const at = rows.findIndex(({ of }, index) => !used.has(index) && abs(of.get(id) ?? 0) > 1e-9);
    const pivot = rows[at];
    if (!pivot) continue;
    used.add(at);
    const by = pivot.of.get(id) ?? 1;
    for (const [key, each] of pivot.of) pivot.of.set(key, each / by);
    pivot.value /= by;
    for (const row of rows) {
      const times = row.of.get(id) ?? 0;
      if (row === pivot || times === 0) continue;
      for (const [key, each] of pivot.of) {
        const left = (row.of.get(key) ?? 0) - times * each;
        if (abs(left) < 1e-9) row.of.delete(key);
        else row.of.set(key, left);
      }
      row.value -= times * pivot.value;
    }
  }
  return rows.filter(({ of }) => of.size > 0);
}

/** Bounds of every unknown, drawn in until nothing moves. */
function bounds(known: Known): void {
  const lines = [...known.lines, ...eliminate(known.lines)];
  for (let moved = true, rounds = 0; moved && rounds < 500; rounds += 1) {
    moved = false;
    for (const { of, value } of lines) {
      const ends = new Map(
        [...of].map(([id, times]) => {
          const both = [times * (known.low.get(id) ?? 0), times * (known.high.get(id) ?? 0)];
          return [id, [min(...both), max(...both)]];
        }),
      );
      // Without one of them: what the others come to at least and at most.
      const sumWithout = (id: string, which: 0 | 1) => {
        const all = which === 0 ? lowEnds : highEnds;
        const own = ends.get(id)?.[which] ?? 0;
        if (finite(own)) return all.infinite > 0 ? all.sign * unlimited : all.sum - own;
        return all.infinite > 1 ? all.sign * unlimited : all.sum;
      };
      const lowEnds = { sum: 0, infinite: 0, sign: -1 };
      const highEnds = { sum: 0, infinite: 0, sign: 1 };
      for (const [low = 0, high = 0] of ends.values()) {
        if (finite(low)) lowEnds.sum += low;
        else lowEnds.infinite += 1;
        if (finite(high)) highEnds.sum += high;
        else highEnds.infinite += 1;
      }
      for (const [id, by] of of) {
        const [least, most] = [value - sumWithout(id, 1), value - sumWithout(id, 0)];
        const [a, b] = by > 0 ? [least / by, most / by] : [most / by, least / by];
        const [low, high] = [ceil(a - 1e-6), floor(b + 1e-6)];
        if (low > (known.low.get(id) ?? 0)) {
          known.low.set(id, low);
          moved = true;
        }
        if (high < (known.high.get(id) ?? 0)) {
          known.high.set(id, high);
          moved = true;
        }
      }
    }
  }
}

/** What every reader knows even of a table with nothing in it but its zeros: a hidden cell is not 0, and so its total is more. */
export function leastSaid(table: Table): (cell: string) => number {
  const shown = table.cells.filter(({ kind, count }) => kind === 'shown' && count > 0);
  const known = readTable(table, new Set(shown.map(({ id }) => id)));
  bounds(known);
  return (cell) => max(1, known.low.get(cell) ?? 1);
}

/** Small counts of which the table tells more than that they lie between 1 and the largest that is small: id, and what they can be. */
export function recovered(table: Table, hidden: ReadonlySet<string>, largest = 10): string[] {
  const known = readTable(table, hidden);
  bounds(known);
  const least = leastSaid(table);
  return table.cells
    .filter(({ kind, count }) => kind !== 'fixed' && count >= 1 && count <= largest)
    .filter(({ id }) => {
      const [low, high] = [known.low.get(id) ?? Number.NaN, known.high.get(id) ?? Number.NaN];
      return !(low <= least(id) && high >= largest);
    })
    .map(({ id, count }) => `${id} is ${count}: ${known.low.get(id)} to ${known.high.get(id)}`);
}

/** Every value up to `most` that the cell takes in some reading of the table: by trying all. For small tables. */
export function possibleValues(table: Table, hidden: ReadonlySet<string>, cell: string, most: number): Set<number> {
  const found = new Set<number>();
  for (let value = 1; value <= most; value += 1) {
    const known = readTable(table, hidden);
    known.low.set(cell, max(value, known.low.get(cell) ?? unlimited));
    known.high.set(cell, min(value, known.high.get(cell) ?? -1));
    if (solvable(known)) found.add(value);
  }
  return found;
}

/** Tries every value of the unknown with the fewest left, with bounds drawn in after each. Unknowns without a bound are tried up to 60. */
function solvable(known: Known): boolean {
  bounds(known);
  let next: string | undefined;
  let fewest = unlimited;
  for (const [id, low] of known.low) {
    const width = min(known.high.get(id) ?? 0, low + 60) - low;
    if (width < 0) return false;
    if (width > 0 && width < fewest) [next, fewest] = [id, width];
  }
  if (next === undefined) {
    return known.lines.every(
      ({ of, value }) => [...of].reduce((sum, [id, by]) => sum + by * (known.low.get(id) ?? 0), 0) === value,
    );
  }
  const low = known.low.get(next) ?? 0;
  for (let value = low; value <= low + fewest; value += 1) {
    const tried: Known = {
      low: new Map(known.low).set(next, value),
      high: new Map(known.high).set(next, value),
      lines: known.lines,
    };
    if (solvable(tried)) return true;
  }
  return false;
}
