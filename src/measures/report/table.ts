import type { r4 } from '../../fhir/types.ts';
import type { Cell, Sum, Table } from '../honest/suppression/cells.ts';
import type { GroupDefinition, PopulationDefinition } from '../types.ts';
import { effective, type GroupCounts } from './add-up.ts';
import { cellOf, rowOf } from './cell-names.ts';
import { earlierCounts } from './earlier.ts';
import { groupTotals } from './group-totals.ts';

/** The report as counts and sums: within a row what a denominator is made of, and across rows what a total is made of. */
export function tableOf(counts: readonly GroupCounts[], earlier: readonly r4.MeasureReport[] = []): Table {
  const cells = new Map<string, Cell>();
  const sums = new Map<string, Sum>();
  const put = (cell: Cell) => cells.set(cell.id, cells.get(cell.id) ?? cell);
  const addUpTo = (total: string, parts: readonly string[]) =>
    sums.set(JSON.stringify([total, [...parts].sort()]), { total, parts });
  for (const each of counts) {
    addRow(each.group, each.tally.counts, 'all', put, addUpTo);
    for (const { by, strata } of each.split) {
      for (const { stratum, tally } of strata) addRow(each.group, tally.counts, rowOf(by.id, stratum), put, addUpTo);
      for (const column of columnsOf(each.group)) {
        const total = column.id('all');
        const parts = strata.map(({ stratum }) => column.id(rowOf(by.id, stratum)));
        const left =
          column.count(each.tally.counts) - strata.reduce((sum, { tally }) => sum + column.count(tally.counts), 0);
        // Those to whom the stratifier does not apply are printed nowhere. Where there are none, readers know that strata add up.
        const rest = `${total} without ${by.id}`;
        if (left > 0) put({ id: rest, count: left, kind: 'derived', worth: 0 });
        if (left >= 0) addUpTo(total, left > 0 ? [...parts, rest] : parts);
      }
    }
  }
  for (const { total, parts } of groupTotals(counts)) {
    for (const row of rowsOf(total)) {
      const inside = parts.filter((part) => rowsOf(part).includes(row));
      const places = [columnsOf(total.group), ...inside.map(({ group }) => columnsOf(group))];
      const [own = [], ...others] = places;
      own.forEach((column, place) => {
        addUpTo(
          column.id(row),
          others.flatMap((columns) => columns[place]?.id(row) ?? []),
        );
      });
    }
  }
  for (const [place, report] of earlier.entries()) {
    for (const { id, count } of earlierCounts(counts, report)) {
      const now = cells.get(id);
      if (!now) continue;
      const [before, changed] = [`${id} in earlier ${place}`, `${id} since earlier ${place}`];
      put({ id: before, count, kind: 'fixed', worth: 0 });
      put({ id: changed, count: Math.abs(now.count - count), kind: 'derived', worth: 0 });
      if (now.count >= count) addUpTo(id, [before, changed]);
      else addUpTo(before, [id, changed]);
    }
  }
  // A part that is in no row of the table is not known to anybody.
  const known = new Set(cells.keys());
  return {
    cells: [...cells.values()],
    sums: [...sums.values()].filter(({ total, parts }) => known.has(total) && parts.every((part) => known.has(part))),
  };
}

function rowsOf({ split }: GroupCounts): string[] {
  return ['all', ...split.flatMap(({ by, strata }) => strata.map(({ stratum }) => rowOf(by.id, stratum)))];
}

interface Column {
  id(row: string): string;
  count(counts: Record<string, number>): number;
}

type Put = (cell: Cell) => void;
type AddUpTo = (total: string, parts: readonly string[]) => void;

/** What can be read off a row: its populations, and what is left when they are taken from each other. */
function columnsOf(group: GroupDefinition): Column[] {
  const shown = countedPopulations(group).map((population) => ({
    id: (row: string) => cellOf(group, population, row),
    count: (counts: Record<string, number>) => counts[population.id] ?? 0,
  }));
  return [...shown, ...derivedOf(group).map(({ id, count }) => ({ id, count }))];
}

function countedPopulations(group: GroupDefinition): PopulationDefinition[] {
  return group.populations.filter(({ code }) => code !== 'measure-observation');
}

interface Derived extends Column {
  /** The sum that tells it, as populations and derived counts of the row. */
  total: (row: string) => string;
  others: (row: string) => string[];
}

/** Of a proportion: those of the initial population who are not in the denominator, those to be counted, met and not met. */
function derivedOf(group: GroupDefinition): Derived[] {
  if (group.scoring !== 'proportion' && group.scoring !== 'composite') return [];
  const one = (code: string) => group.populations.find((population) => population.code === code);
  const initial = one('initial-population');
  const denominator = one('denominator');
  const numerator = one('numerator');
  const counted = (population: PopulationDefinition | undefined, counts: Record<string, number>) =>
    population ? (counts[population.id] ?? 0) : 0;
  const cell = (population: PopulationDefinition) => (row: string) => cellOf(group, population, row);
  const present = (populations: readonly (PopulationDefinition | undefined)[], row: string) =>
    populations.flatMap((population) => (population ? [cellOf(group, population, row)] : []));
  const named = (name: string) => (row: string) => JSON.stringify([row, group.id, name]);
  if (!denominator || !numerator) return [];
  const excluded = [one('denominator-exclusion'), one('denominator-exception')];
  const eligible: Derived = {
    // Groups that exclude alike have the same children to count.
    id: (row) => JSON.stringify(['eligible', cellOf(group, denominator, row), ...present(excluded, row)]),
    count: (counts) => effective(group, counts).denominator,
    total: cell(denominator),
    others: (row) => present(excluded, row),
  };
  const met: Derived = {
    id: named('met'),
    count: (counts) => effective(group, counts).numerator,
    total: cell(numerator),
    others: (row) => present([one('numerator-exclusion')], row),
  };
  const notMet: Derived = {
    id: named('not met'),
    count: (counts) => effective(group, counts).denominator - effective(group, counts).numerator,
    total: eligible.id,
    others: (row) => [met.id(row)],
  };
  const outside: Derived | undefined = initial && {
    id: (row) => JSON.stringify(['outside', ...present([initial, denominator], row)]),
    count: (counts) => counted(initial, counts) - counted(denominator, counts),
    total: cell(initial),
    others: (row) => present([denominator], row),
  };
  const isSame = initial !== undefined && cell(initial)('all') === cell(denominator)('all');
  return [eligible, met, notMet, ...(outside && !isSame ? [outside] : [])];
}

function addRow(group: GroupDefinition, counts: Record<string, number>, row: string, put: Put, addUpTo: AddUpTo): void {
  // Numerators are hidden before denominators, strata before totals.
  const rank = row === 'all' ? 4 : 0;
  for (const population of countedPopulations(group)) {
    const worth =
      rank + (population.code.startsWith('numerator') ? 0 : population.code === 'initial-population' ? 2 : 1);
    put({ id: cellOf(group, population, row), count: counts[population.id] ?? 0, kind: 'shown', worth });
  }
  for (const { id, count, total, others } of derivedOf(group)) {
    if (count(counts) < 0) continue;
    put({ id: id(row), count: count(counts), kind: 'derived', worth: 0 });
    addUpTo(total(row), [...others(row), id(row)]);
  }
}
