import type { Filter } from '../../fhir/search/query.ts';
import type { StoreParts } from '../parts.ts';
import type { Query } from '../rows.ts';
import { boundedRows, boundedSpan } from './date-span.ts';
import { isText, textCondition } from './filter.ts';
import { fewGathered, gather } from './gather.ts';
import { statement } from './statement.ts';
import type { RowBranch } from './where.ts';

/**
 * A branch that asks for a short stretch of time, with the rows of that time; any other one as it is. Dates are what narrows a
 * search over everybody best, and what the planner, which knows of the dates of all parameters together, sees worst. What is
 * written between this statement and the next is a matter for the next search.
 */
export async function amongDates(
  query: Query,
  { definitions, shapeName }: StoreParts,
  branch: RowBranch,
): Promise<RowBranch> {
  const span: Filter[] | undefined = boundedSpan(definitions, branch.type, branch.filters);
  if (!span || branch.rows) return branch;
  const into = statement();
  const rows = `SELECT s.key FROM resource_date s WHERE ${boundedRows(definitions, branch.type, span, into)}`;
  // A name asked for besides is looked up beside the date: the records of all others need not be looked at.
  const texts = branch.filters.flatMap((one) => (one.kind === 'filter' && isText(one) ? [one] : []));
  const further = texts.map((text) => textCondition({ type: branch.type, row: 'g', scoped: true, into }, text));
  const among = await gather(query, rows, into, fewGathered, further, shapeName);
  return among ? { ...branch, among } : branch;
}
