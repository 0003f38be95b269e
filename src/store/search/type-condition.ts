import type { Criterion } from '../../fhir/search/query.ts';
import { isOwnColumn } from './columns.ts';

/**
 * The type of a row. A token is of one type already: where rows are found by their tokens, the type is said in a form that no index
 * serves, or the planner would gather every row of the type besides, to find that it needs none of them.
 */
export function typeCondition(row: string, type: string, isFoundByToken: boolean): string {
  return isFoundByToken ? `(${row}.type = ${type}) IS NOT FALSE` : `${row}.type = ${type}`;
}

/** True when the rows that meet the criterion are found in the index of tokens. */
export function isFoundByToken(criterion: Criterion): boolean {
  if (criterion.kind === 'and') return criterion.of.some(isFoundByToken);
  if (criterion.kind !== 'filter') return false;
  const { param, modifier, values } = criterion;
  if (isOwnColumn(param.code) || modifier === 'not' || modifier === 'text') return false;
  if (values.some((value) => value.kind === 'missing' || value.kind === 'words')) return false;
  return param.kind === 'token' || param.kind === 'reference' || param.kind === 'uri';
}
