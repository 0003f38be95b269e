import { ok, type Result } from '../../base/errors.ts';
import type { Criterion } from '../../fhir/search/query.ts';
import { isOfPatients, visibleSql } from '../visibility.ts';
import type { Selection } from './selection.ts';
import { isFoundByToken, typeCondition } from './type-condition.ts';

/** The row behind one more join. */
export function behind(selection: Selection, type: string): Selection {
  const depth = Number(selection.row.slice(1) || '0') + 1;
  return { ...selection, type, row: `r${depth}` };
}

/**
 * The WHERE of rows of a joined type that meet a criterion, all of them or (`oneByOne`) looked at for one row at a time. What the
 * reader may not see does not take part: undefined when no row of the type may be seen.
 */
export function joinedWhere(selection: Selection, of: Criterion, oneByOne = false): Result<string | undefined> {
  const { definitions, visibility, into, type, row } = selection;
  const visible = visibleSql(definitions, visibility, type, into.add, row);
  if (visible === false) return ok(undefined);
  const isScoped = isOfPatients(definitions, visibility, type);
  const condition = selection.criterion({ ...selection, scoped: oneByOne || isScoped, whole: true }, of);
  if (!condition.ok) return condition;
  // One row is found by its number or its tokens.
  const isByToken = !isScoped && (oneByOne || isFoundByToken(of));
  const all = [typeCondition(row, into.add(type, 'text'), isByToken), `NOT ${row}.deleted`];
  if (visible !== undefined) all.push(visible);
  return ok([...all, condition.value].join(' AND '));
}
