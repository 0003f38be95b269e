import { ok, type Result } from '../../base/errors.ts';
import type { Chain } from '../../fhir/search/query.ts';
import { behind, joinedWhere } from './joined.ts';
import type { Selection } from './selection.ts';
import { presentToken, referenceMask } from './token.ts';

/** Above so many targets, looking up what refers to each takes longer than asking the rows for theirs until a page is full. */
const fewTargets = 5000;
/** So many still fit into a hash table of PostgreSQL's standard memory. */
export const hashedTargets = 50_000;

/**
 * From the targets to what refers to them (`targets`), from each row to its targets by a table of them all (`table`), or by
 * looking up each one (`rows`). The planner can estimate none of it, so the choice is ours: docs/decisions/search-index.md.
 */
function way({ scoped, whole, sizes }: Selection, chain: Chain): 'targets' | 'table' | 'rows' {
  const size = sizes.get(chain);
  if (scoped || size === undefined) return 'rows';
  if (whole || size <= fewTargets) return 'targets';
  return size <= hashedTargets ? 'table' : 'rows';
}

/**
 * A resource of the target type that is referred to by the parameter and meets the criterion. A reference's token is the
 * target's number XORed with the mask of the parameter, so the way back from any token is one XOR; the tokens that are no
 * references of this parameter give numbers that no resource has.
 */
export function chainCondition(selection: Selection, chain: Chain): Result<string> {
  const { into, row, type } = selection;
  const target = behind(selection, chain.targetType);
  const chosen = way(selection, chain);
  const where = joinedWhere(target, chain.of, chosen === 'rows');
  if (!where.ok) return where;
  if (where.value === undefined) return ok('false');
  const mask = into.add(referenceMask(type, chain.param.code), 'bigint');
  const to = target.row;
  // Cheap, and most rows that lead nowhere have no reference at all.
  const present = () => {
    const token = into.add(presentToken(type, chain.param.code), 'bigint');
    return selection.scoped ? `arraycontains(${row}.tokens, ARRAY[${token}])` : `${row}.tokens @> ARRAY[${token}]`;
  };
  switch (chosen) {
    case 'targets':
      // One look into the index for each target: && with a long list compares every row found with the whole list.
      return ok(
        `${row}.key = ANY (ARRAY(SELECT x.key FROM resource ${to} JOIN resource x ON x.tokens @> ARRAY[${to}.self # ${mask}] WHERE ${where.value}))`,
      );
    case 'table':
      // IS TRUE keeps the planner from making a join of it, row by row.
      return ok(
        `${present()} AND EXISTS (SELECT FROM unnest(${row}.tokens) AS k WHERE (k IN (SELECT ${to}.self # ${mask} FROM resource ${to} WHERE ${where.value})) IS TRUE)`,
      );
    case 'rows':
      return ok(
        `${present()} AND EXISTS (SELECT FROM unnest(${row}.tokens) AS k JOIN resource ${to} ON ${to}.self = k # ${mask} WHERE ${where.value} OFFSET 0)`,
      );
  }
}
