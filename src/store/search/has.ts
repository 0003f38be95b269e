import { ok, type Result } from '../../base/errors.ts';
import type { ReverseChain } from '../../fhir/search/query.ts';
import { behind, joinedWhere } from './joined.ts';
import type { Selection } from './selection.ts';
import { referenceMask } from './token.ts';

/** Up to so many sources, their references are gathered first; above, each row is asked who refers to it. */
export const fewSources = 2000;
/** The same where every match is needed, not the first page of them. */
export const fewSourcesOfAll = 20_000;

function sourcesFirst({ scoped, whole, sizes }: Selection, has: ReverseChain): boolean {
  const size = sizes.get(has);
  return !scoped && size !== undefined && size <= (whole ? fewSourcesOfAll : fewSources);
}

/** A resource of the source type that refers here by the parameter and meets the criterion: `_has`, and membership of a list. */
export function hasCondition(selection: Selection, has: ReverseChain): Result<string> {
  const { into, row } = selection;
  const source = behind(selection, has.sourceType);
  const first = sourcesFirst(selection, has);
  const where = joinedWhere(source, has.of, !first);
  if (!where.ok) return where;
  if (where.value === undefined) return ok('false');
  const mask = into.add(referenceMask(has.sourceType, has.param.code), 'bigint');
  const from = source.row;
  if (first) {
    return ok(
      `${row}.self = ANY (ARRAY(SELECT k # ${mask} FROM resource ${from}, unnest(${from}.tokens) AS k WHERE ${where.value}))`,
    );
  }
  // OFFSET 0 keeps the planner from making a join of it, which would look at every row before the first is answered.
  return ok(
    `EXISTS (SELECT FROM resource ${from} WHERE ${from}.tokens @> ARRAY[${row}.self # ${mask}] AND ${where.value} OFFSET 0)`,
  );
}
