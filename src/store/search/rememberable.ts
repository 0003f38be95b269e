import type { SearchQuery } from '../../fhir/search/query.ts';
import type { StoreParts } from '../parts.ts';
import type { Visibility } from '../types.ts';
import { seesAllOf } from '../visibility.ts';
import { isScoped, type RowBranch } from './where.ts';

/**
 * The one branch of a search whose answer rests on records of its own type alone, all of which the reader may see: then the change log
 * says when it is no longer so. An added parameter's index grows without a change of records.
 */
export function rememberable(
  parts: StoreParts,
  wanted: SearchQuery,
  branches: readonly RowBranch[],
  visibility: Visibility,
): RowBranch | undefined {
  const [branch, ...others] = branches;
  if (!parts.remembered || !branch || others.length > 0 || branch.rows || branch.among || wanted.compartment)
    return undefined;
  if (!seesAllOf(parts.definitions, visibility, branch.type) || isScoped(parts, wanted, branch, visibility))
    return undefined;
  const isPlain = branch.filters.every(
    (one) => one.kind === 'filter' && parts.catalog?.registered(one.param) === undefined,
  );
  return isPlain ? branch : undefined;
}
