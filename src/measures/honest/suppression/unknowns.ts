import type { Table } from './cells.ts';

/**
 * What readers do not know of a table, and what ties it together. Cells that can only change together are one `bundle` here (a denominator and
 * those not met, where nobody is met; two hidden strata of a total that is shown), so that a search has few things to move.
 */
export interface Unknowns {
  /** Where a cell is found; cells that are known, or can be worked out exactly, are in no bundle. */
  place: ReadonlyMap<string, Place>;
  /** By how much each bundle may go up and down from where it is, before one of its cells falls below its least. */
  up: readonly number[];
  down: readonly number[];
  /** By equation: what stays as it is, as bundles with factors. */
  terms: readonly (readonly Term[])[];
  /** By bundle: its equations. */
  within: readonly (readonly Term[])[];
}

export interface Place {
  count: number;
  /** Absent: it cannot change. */
  bundle?: number;
  /** -1: it goes down when the bundle goes up. */
  sign: 1 | -1;
}

export interface Term {
  at: number;
  factor: number;
}

interface Member {
  id: string;
  count: number;
  /** The least that a reader takes for possible. A hidden cell is not 0: a 0 would have been printed. */
  least: number;
}

export function unknownsOf({ cells, sums }: Table, hidden: ReadonlySet<string>): Unknowns {
  const members = cells
    .filter(({ id, kind }) => kind === 'derived' || hidden.has(id))
    .map(({ id, kind, count }): Member => ({ id, count, least: kind === 'derived' ? 0 : Math.min(1, count) }));
  const index = new Map(members.map(({ id }, at) => [id, at]));
  const equations = sums.map(({ total, parts }) => {
    const terms = [[total, -1] as const, ...parts.map((part) => [part, 1] as const)];
    return terms.flatMap(([id, factor]) => {
      const at = index.get(id);
      return at === undefined ? [] : [{ at, factor }];
    });
  });
  const ties = tieTogether(members.length, equations);
  return bundlesOf(members, equations, ties);
}

/** Which cells change together, and which cannot change at all. */
interface Ties {
  /** The cell that stands for it, and whether it goes the same way. */
  root(at: number): { at: number; sign: 1 | -1 };
  isFixed(root: number): boolean;
}

/** An equation with one unknown settles it; one with two ties them to each other. Until nothing new follows. */
function tieTogether(size: number, equations: readonly (readonly Term[])[]): Ties {
  const parent = Array.from({ length: size }, (_, at) => at);
  const signs = new Array<1 | -1>(size).fill(1);
  const fixed = new Set<number>();
  const root = (at: number): { at: number; sign: 1 | -1 } => {
    let [here, sign]: [number, 1 | -1] = [at, 1];
    for (let above = parent[here] ?? here; above !== here; above = parent[here] ?? here) {
      sign = sign === signs[here] ? 1 : -1;
      here = above;
    }
    return { at: here, sign };
  };
  const isFixed = (at: number) => fixed.has(at);
  let open = equations;
  for (let found = true; found; ) {
    found = false;
    const left: (readonly Term[])[] = [];
    for (const equation of open) {
      const [first, second, third] = combined(equation, { root, isFixed });
      if (!first) continue;
      if (!second) fixed.add(first.at);
      else if (!third && Math.abs(first.factor) === Math.abs(second.factor)) {
        parent[second.at] = first.at;
        signs[second.at] = first.factor === second.factor ? -1 : 1;
      } else {
        left.push(equation);
        continue;
      }
      found = true;
    }
    open = left;
  }
  return { root, isFixed };
}

/** The equation in terms of roots that can change. */
function combined(equation: readonly Term[], { root, isFixed }: Ties): Term[] {
  const factors = new Map<number, number>();
  for (const { at, factor } of equation) {
    const own = root(at);
    if (!isFixed(own.at)) factors.set(own.at, (factors.get(own.at) ?? 0) + factor * own.sign);
  }
  return [...factors].filter(([, factor]) => factor !== 0).map(([at, factor]) => ({ at, factor }));
}

function bundlesOf(members: readonly Member[], equations: readonly (readonly Term[])[], ties: Ties): Unknowns {
  const numbers = new Map<number, number>();
  const up: number[] = [];
  const down: number[] = [];
  const place = new Map<string, Place>();
  for (const [at, { id, count, least }] of members.entries()) {
    const { at: root, sign } = ties.root(at);
    if (ties.isFixed(root)) {
      place.set(id, { count, sign: 1 });
      continue;
    }
    const bundle = numbers.get(root) ?? numbers.size;
    numbers.set(root, bundle);
    const slack = sign === 1 ? down : up;
    slack[bundle] = Math.min(slack[bundle] ?? Number.POSITIVE_INFINITY, count - least);
    place.set(id, { count, bundle, sign });
  }
  const terms: Term[][] = [];
  const within: Term[][] = Array.from({ length: numbers.size }, () => []);
  const seen = new Set<string>();
  for (const equation of equations) {
    const own = combined(equation, ties).map(({ at, factor }) => ({ at: numbers.get(at) ?? 0, factor }));
    const key = own
      .map(({ at, factor }) => `${at}:${factor}`)
      .sort()
      .join();
    if (own.length === 0 || seen.has(key)) continue;
    seen.add(key);
    for (const { at, factor } of own) within[at]?.push({ at: terms.length, factor });
    terms.push(own);
  }
  // What is in few sums first: it breaks least when it moves.
  for (const own of terms) own.sort((a, b) => (within[a.at]?.length ?? 0) - (within[b.at]?.length ?? 0));
  const all = (slack: readonly number[]) => Array.from(within, (_, at) => slack[at] ?? Number.POSITIVE_INFINITY);
  return { place, up: all(up), down: all(down), terms, within };
}
