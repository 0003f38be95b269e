import { isList } from '../../values/equality.ts';
import type { Value } from '../../values/types.ts';
import { nodeOf } from '../elm.ts';
import { giveNull, type NodeCompiler } from '../site.ts';
import type { Compiled, Frame } from '../types.ts';
import { distinctValues } from './distinct.ts';
import { type Plan, planQuery } from './plan.ts';
import { collectRows, hasRow, walkRows } from './rows.ts';

/** A query. Null when all its sources are null; a single value when none of its sources is a list. Source: CQL 1.5, Query. */
export const query: NodeCompiler = (node, site) => {
  const plan = planQuery(node, site);
  const [only] = plan.sources;
  if (only && plan.sources.length === 1 && !plan.aggregate) return overOne(plan, only);
  return (frame) => {
    const sources = plan.sources.map((source) => source(frame));
    if (sources.every((source) => source === null)) return null;
    begin(plan, frame);
    const rows: Value[] = [];
    const { output, aggregate } = plan;
    walkRows(plan.rows, sources.map(toList), frame, (row) => {
      if (aggregate) aggregate.add(row);
      else rows.push(output(row));
      return false;
    });
    if (aggregate) return aggregate.result(frame);
    const unsorted = plan.isDistinct ? distinctValues(rows) : rows;
    const values = plan.sort ? plan.sort(unsorted, frame) : unsorted;
    return sources.some(isList) ? values : (values[0] ?? null);
  };
};

/** Most queries have one source: without anything made on the way but the rows. */
function overOne(plan: Plan, only: Compiled): Compiled {
  const { rows, output, isDistinct, sort } = plan;
  return (frame) => {
    const source = only(frame);
    if (source === null) return null;
    begin(plan, frame);
    const found = collectRows(rows, isList(source) ? source : [source], frame, output);
    const unsorted = isDistinct ? distinctValues(found) : found;
    const values = sort ? sort(unsorted, frame) : unsorted;
    return isList(source) ? values : (values[0] ?? null);
  };
}

/**
 * `exists` of a query stops at the first row whose value is not null: no other row can change the answer, and neither sorting nor
 * removing of duplicates can. Undefined when the operand is no such query.
 */
export const existsQuery: NodeCompiler = (node, site) => {
  const operand = nodeOf(node, 'operand');
  if (!operand) return giveNull;
  const plan = planQuery(operand, site);
  const [only] = plan.sources;
  if (only && plan.sources.length === 1) {
    const { rows, output } = plan;
    return (frame) => {
      const source = only(frame);
      if (source === null) return false;
      begin(plan, frame);
      return hasRow(rows, toList(source), frame, output);
    };
  }
  return (frame) => {
    const sources = plan.sources.map((source) => source(frame));
    if (sources.every((source) => source === null)) return false;
    begin(plan, frame);
    return walkRows(plan.rows, sources.map(toList), frame, (row) => plan.output(row) !== null);
  };
};

/** Forgets what an earlier run of the same query remembered. */
function begin(plan: Plan, frame: Frame): void {
  for (const slot of plan.remembered) frame.locals[slot] = undefined;
  plan.aggregate?.begin(frame);
}

function toList(value: Value): readonly Value[] {
  if (value === null) return [];
  return isList(value) ? value : [value];
}
