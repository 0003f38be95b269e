import { ok, type Result } from '../../base/errors.ts';
import type { Branch, Criterion, SearchQuery } from '../../fhir/search/query.ts';
import type { StoreParts } from '../parts.ts';
import type { Query } from '../rows.ts';
import type { Visibility } from '../types.ts';
import { joinSizes } from './join-sizes.ts';
import { statement } from './statement.ts';
import { branchesOf, branchWhere, isScoped, type RowBranch } from './where.ts';

/** When the other criteria leave so few rows, each is asked for what it is joined to. */
const fewRows = 500;

function hasJoin(criterion: Criterion): boolean {
  if (criterion.kind === 'filter') return false;
  if (criterion.kind === 'chain' || criterion.kind === 'has') return true;
  return Array.isArray(criterion.of) ? criterion.of.some(hasJoin) : hasJoin(criterion.of);
}

/** The branches of a search with the numbers that the way of their joins depends on; without joins nothing is asked. */
export async function measured(
  query: Query,
  parts: StoreParts,
  wanted: SearchQuery,
  visibility: Visibility,
): Promise<Result<RowBranch[]>> {
  const branches: RowBranch[] = [];
  for (const branch of branchesOf(wanted)) {
    const others = branch.filters.filter((criterion) => !hasJoin(criterion));
    if (others.length === branch.filters.length || isScoped(parts, wanted, branch, visibility)) {
      branches.push(branch);
      continue;
    }
    const few = others.length > 0 && (await isFew(query, parts, wanted, { ...branch, filters: others }, visibility));
    if (few) {
      branches.push(branch);
      continue;
    }
    const whole = branch.sort.length > 0 || wanted.total !== 'none';
    const sizes = await joinSizes(query, parts, branch, visibility, whole);
    if (!sizes.ok) return sizes;
    branches.push({ ...branch, sizes: sizes.value });
  }
  return ok(branches);
}

async function isFew(
  query: Query,
  parts: StoreParts,
  wanted: SearchQuery,
  branch: Branch,
  visibility: Visibility,
): Promise<boolean> {
  // Words are looked for in the records, one by one: not here.
  const filters = branch.filters.filter(
    (one) => one.kind !== 'filter' || !one.values.some(({ kind }) => kind === 'words'),
  );
  if (filters.length === 0) return false;
  const into = statement();
  const where = branchWhere(parts, wanted, { ...branch, filters }, visibility, into);
  if (!where.ok || where.value === undefined) return false;
  const rows = await query<{ size: number }>(
    `SELECT count(*)::integer AS size FROM (SELECT FROM resource r WHERE ${where.value} LIMIT ${fewRows + 1}) s`,
    into.values,
  );
  return (rows[0]?.size ?? 0) <= fewRows;
}
