import { ok, type Result } from '../../base/errors.ts';
import type { ReverseChain } from '../../fhir/search/query.ts';
import { behind, joinedWhere } from './joined.ts';
import type { Selection } from './selection.ts';
import { referenceMask } from './token.ts';

/** A resource of the source type that refers here by the parameter and meets the criterion: `_has`, and membership of a list. */
export function hasCondition(selection: Selection, { sourceType, param, of }: ReverseChain): Result<string> {
  const { into, row } = selection;
  const source = behind(selection, sourceType);
  const where = joinedWhere(source, of);
  if (!where.ok || where.value === undefined) return where.ok ? ok('false') : where;
  const mask = into.add(referenceMask(sourceType, param.code), 'bigint');
  const from = source.row;
  return ok(
    `EXISTS (SELECT FROM resource ${from} WHERE ${from}.tokens @> ARRAY[${row}.self # ${mask}] AND ${where.value})`,
  );
}
