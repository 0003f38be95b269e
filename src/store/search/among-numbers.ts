import type { Criterion, Filter } from '../../fhir/search/query.ts';
import type { Query } from '../rows.ts';
import { numberRows } from './filter-number.ts';
import { gather } from './gather.ts';
import { statement } from './statement.ts';
import type { RowBranch } from './where.ts';

/** So many keys are still quickly sent there and back, and looked up in the order of the page. */
const manyNumbers = 50_000;

const isNumeric = (criterion: Criterion): criterion is Filter =>
  criterion.kind === 'filter' &&
  (criterion.param.kind === 'number' || criterion.param.kind === 'quantity') &&
  criterion.values.every(({ kind }) => kind !== 'missing');

/**
 * A branch that asks for a number or a quantity, with the rows that have it. The planner takes a union for 200 rows, whatever it
 * is, and looked up 42,000 of them one by one; told the keys themselves it knows how many they are, and stops with the page.
 * Where nearly everything has the number, each row of the page is asked instead.
 */
export async function amongNumbers(query: Query, branch: RowBranch): Promise<RowBranch> {
  const filter = branch.filters.find(isNumeric);
  if (!filter || branch.rows || branch.among) return branch;
  const into = statement();
  const rows = numberRows({ type: branch.type, into }, filter);
  const gathered = await gather(query, rows, into, manyNumbers);
  return { ...branch, oneByOne: filter, ...(gathered && { among: gathered }) };
}
