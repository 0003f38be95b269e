import { ok, type Result } from '../../base/errors.ts';
import type { SearchQuery } from '../../fhir/search/query.ts';
import type { StoreParts } from '../parts.ts';
import type { Query } from '../rows.ts';
import type { Visibility } from '../types.ts';
import { rememberable } from './rememberable.ts';
import { answerKey, changedSince } from './remembered.ts';
import { statement } from './statement.ts';
import { branchWhere, type RowBranch } from './where.ts';

/** How many match, exactly. */
export async function countMatches(
  query: Query,
  parts: StoreParts,
  wanted: SearchQuery,
  branches: readonly RowBranch[],
  visibility: Visibility,
): Promise<Result<number>> {
  const into = statement();
  const counts: string[] = [];
  for (const branch of branches) {
    const where = branchWhere(parts, wanted, { ...branch, whole: true }, visibility, into);
    if (!where.ok) return where;
    if (where.value !== undefined) counts.push(`(SELECT count(*) FROM resource r WHERE ${where.value})`);
  }
  if (counts.length === 0) return ok(0);
  // One statement, so that the number is that of the snapshot.
  const text = `SELECT ${counts.join(' + ')} AS total, pg_current_snapshot()::text AS snapshot`;
  const branch = rememberable(parts, wanted, branches, visibility);
  const { remembered } = parts;
  const count = async () => {
    const [row] = await query<{ total: string; snapshot: string }>(text, into.values);
    return { total: Number(row?.total), snapshot: row?.snapshot ?? '' };
  };
  if (!branch || !remembered) return ok((await count()).total);
  const key = answerKey('total', text, into.values);
  const standing = async () => {
    const known = remembered.get(key);
    const changed = known && (await changedSince(query, branch.type, known.snapshot));
    if (known?.total === undefined || !changed || changed.keys.length > 0) return undefined;
    remembered.set(key, { total: known.total, snapshot: changed.snapshot });
    return known.total;
  };
  const total = await standing();
  if (total !== undefined) return ok(total);
  return remembered.inTurn(key, async () => {
    const meanwhile = await standing();
    if (meanwhile !== undefined) return ok(meanwhile);
    const started = performance.now();
    const counted = await count();
    if (performance.now() - started >= remembered.fromMs) remembered.set(key, counted);
    return ok(counted.total);
  });
}
