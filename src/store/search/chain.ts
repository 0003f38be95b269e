import { ok, type Result } from '../../base/errors.ts';
import type { Chain } from '../../fhir/search/query.ts';
import { behind, joinedWhere } from './joined.ts';
import type { Selection } from './selection.ts';
import { referenceMask } from './token.ts';

/**
 * A resource of the target type that is referred to by the parameter and meets the criterion. A reference's token is the
 * target's number XORed with the mask of the parameter, so the way back from any token is one XOR; the tokens that are no
 * references of this parameter give numbers that no resource has.
 */
export function chainCondition(selection: Selection, { param, targetType, of }: Chain): Result<string> {
  const { into, row, type } = selection;
  const target = behind(selection, targetType);
  const where = joinedWhere(target, of);
  if (!where.ok || where.value === undefined) return where.ok ? ok('false') : where;
  const mask = into.add(referenceMask(type, param.code), 'bigint');
  const to = target.row;
  return ok(
    `EXISTS (SELECT FROM unnest(${row}.tokens) AS k JOIN resource ${to} ON ${to}.self = k # ${mask} WHERE ${where.value})`,
  );
}
