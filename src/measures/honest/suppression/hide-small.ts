import { nearest } from './alternatives.ts';
import { type Cell, isSmall, smallest, type Table } from './cells.ts';
import { type Unknowns, unknownsOf } from './unknowns.ts';

/**
 * The ids of the cells that are not shown: those from 1 to `largest`, and as many others as it takes that no count from 1 to `largest`, shown or
 * not, can be worked out from what remains. A 0 is always shown. Undefined when that cannot be had: what was published before gives it away.
 */
export function hideSmall(table: Table, largest: number): ReadonlySet<string> | undefined {
  const shown = table.cells.filter(({ kind, count }) => kind === 'shown' && count > 0);
  const hidden = new Set(shown.filter(({ count }) => isSmall(count, largest)).map(({ id }) => id));
  const nothingShown = unknownsOf(table, new Set(shown.map(({ id }) => id)));
  // A total of three hidden counts is 3 at least, whatever is hidden: a 0 would be shown.
  const secrets = table.cells
    .filter(({ kind, count }) => kind !== 'fixed' && isSmall(count, largest))
    .map(({ id }): Secret => ({ id, least: nearest(nothingShown, id, smallest) ?? smallest, most: largest }));
  const near = neighboursOf(table);
  const beside: Cell[] = [];
  let unknowns = unknownsOf(table, hidden);
  // Hiding more never makes unsafe what was safe, so each is looked at until it is safe and then left.
  for (const secret of secrets) {
    while (!isSafe(unknowns, secret)) {
      const next = nextToHide(near, hidden, secret.id);
      if (!next) return undefined;
      hidden.add(next.id);
      beside.push(next);
      unknowns = unknownsOf(table, hidden);
    }
  }
  if (secrets.length * beside.length <= maxRevised) reviseHidden(table, hidden, beside, secrets);
  return hidden;
}

/** A count that must not be told, the least that it can be when nothing is shown, and the most that is as small. */
interface Secret {
  id: string;
  least: number;
  most: number;
}

function isSafe(unknowns: Unknowns, { id, least, most }: Secret): boolean {
  return nearest(unknowns, id, least) === least && nearest(unknowns, id, most) === most;
}

/** Beyond so many pairs of counts to hide and counts hidden beside them, nothing is shown again: it would take long. */
const maxRevised = 2000;

/** What was hidden on the way and turned out not to be needed is shown again, what is worth most first. */
function reviseHidden(table: Table, hidden: Set<string>, beside: readonly Cell[], secrets: readonly Secret[]): void {
  for (const { id } of [...beside].sort((a, b) => b.worth - a.worth || b.count - a.count || (a.id < b.id ? -1 : 1))) {
    hidden.delete(id);
    const unknowns = unknownsOf(table, hidden);
    if (!secrets.every((secret) => isSafe(unknowns, secret))) hidden.add(id);
  }
}

/** By cell: those that are in a sum with it. */
type Neighbours = ReadonlyMap<string, readonly Cell[]>;

function neighboursOf({ cells, sums }: Table): Neighbours {
  const byId = new Map(cells.map((cell) => [cell.id, cell]));
  const near = new Map<string, Set<Cell>>();
  for (const { total, parts } of sums) {
    const together = [total, ...parts].flatMap((id) => byId.get(id) ?? []);
    for (const { id } of together) {
      const known = near.get(id) ?? new Set();
      near.set(id, known);
      for (const cell of together) known.add(cell);
    }
  }
  return new Map([...near].map(([id, set]) => [id, [...set]]));
}

/**
 * What to hide beside the cell: from the sums that it is in, then from sums that what is unknown in those is in, and so on. Of one distance
 * the least worth, then the smallest.
 */
function nextToHide(near: Neighbours, hidden: ReadonlySet<string>, start: string): Cell | undefined {
  const reached = new Set([start]);
  let frontier = [start];
  while (frontier.length > 0) {
    const around = [...new Set(frontier.flatMap((id) => near.get(id) ?? []))];
    const [best] = around
      .filter(({ id, kind, count }) => kind === 'shown' && count > 0 && !hidden.has(id))
      .sort((a, b) => a.worth - b.worth || a.count - b.count || (a.id < b.id ? -1 : 1));
    if (best) return best;
    frontier = around
      .filter(({ id, kind }) => !reached.has(id) && (kind === 'derived' || hidden.has(id)))
      .map(({ id }) => id);
    for (const id of frontier) reached.add(id);
  }
  return undefined;
}
