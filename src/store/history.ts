import { fail, ok, type Result } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { replacedAt } from './history-of.ts';
import { type Query, type ResourceRow, resourceColumns, toStored } from './rows.ts';
import type { HistoryFilter, HistoryPage } from './types.ts';

/**
 * Versions of one resource, newest first. The cursor is the version number the page before ended with, so that a version written
 * in between moves nothing. Errors: `not-found` when there never was one, `invalid` for a cursor that is not ours.
 */
export async function history(
  query: Query,
  type: string,
  id: string,
  page: HistoryFilter & { count: number; cursor?: string },
): Promise<Result<HistoryPage>> {
  const count = Math.min(Math.max(1, page.count), limits.history.maxCount);
  const before = page.cursor === undefined ? 2_147_483_647 : Number(page.cursor);
  if (!Number.isInteger(before) || before < 1 || before > 2_147_483_647) {
    return fail('invalid', 'The page link is not valid.', { code: 'value' });
  }
  const rows = await query<ResourceRow & { total: number }>(
    `SELECT v.* FROM (
       SELECT ${resourceColumns}, r.version AS total FROM resource r WHERE r.type = $1 AND r.id = $2
       UNION ALL
       SELECT r.key, r.type, r.id, h.version, h.last_updated, h.deleted, h.method, h.content, r.version
         FROM resource r JOIN resource_history h ON h.key = r.key
        WHERE r.type = $1 AND r.id = $2) v JOIN resource c ON c.key = v.key
      WHERE v.version < $3
        AND ($5::timestamptz IS NULL OR v.last_updated >= $5)
        AND ($6::timestamptz IS NULL OR (v.last_updated < $7 AND coalesce((${replacedAt('c', 'v.version')}) > $6, true)))
      ORDER BY v.version DESC LIMIT $4`,
    [type, id, before, count + 1, page.since ?? null, page.at?.start ?? null, page.at?.end ?? null],
    'history',
  );
  const first = rows[0];
  const isFiltered = page.since !== undefined || page.at !== undefined;
  if (!first)
    return page.cursor === undefined && !isFiltered
      ? fail('not-found', `There is no such ${type}.`)
      : ok({ versions: [], total: 0 });
  const versions = rows.slice(0, count).map(toStored);
  const last = versions.at(-1);
  // Versions are numbered without gaps, so the newest number is how many there are.
  const result: HistoryPage = { versions, total: first.total };
  if (rows.length > count && last) result.next = String(last.version);
  return ok(result);
}
