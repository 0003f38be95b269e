import { fail, ok, type Result } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import type { StoreParts } from './parts.ts';
import { type Query, type ResourceRow, toStored } from './rows.ts';
import { statement } from './search/statement.ts';
import { isShownByContent } from './sees.ts';
import { toldInPart } from './told-in-part.ts';
import type { HistoryFilter, Stored, Visibility } from './types.ts';
import { alike, isToldPartly, visibleSql, wholly } from './visibility.ts';

type Row = ResourceRow & { at: string; seq: string; is_present: boolean };

/**
 * Versions of all resources of some types, newest first, those only that the visibility shows. The cursor is the time and number
 * of the change that the page before ended with. A walk shows every version that was there when it began once: what is written
 * meanwhile is newer than the cursor, or (a transaction that began before and ends late) is shown when it lies behind it. The
 * order is by time and not by transaction, because a transaction that waited for a row writes the later version of it.
 */
export async function historyOf(
  query: Query,
  parts: StoreParts,
  wanted: HistoryFilter & { types: readonly string[]; count: number; cursor?: string },
  visibility: Visibility,
): Promise<Result<{ versions: Stored[]; next?: string }>> {
  const count = Math.min(Math.max(1, wanted.count), limits.history.maxCount);
  let cursor = /^(\d{4}-[\d-]+T[\d:.]+Z) (\d{1,19})$/.exec(wanted.cursor ?? '9999-01-01T00:00:00.000Z 0')?.slice(1);
  if (!cursor) return fail('invalid', 'The page link is not valid.', { code: 'value' });
  const groups = groupsOf(parts, visibility, wanted.types);
  if (groups.length === 0) return ok({ versions: [] });
  const shown: Row[] = [];
  const tell: Tell = async (rows) => {
    const told: Stored[] = [];
    for (const row of rows)
      told.push(row.is_present ? await toldInPart(query, parts, visibility, toStored(row)) : toStored(row));
    return told;
  };
  // Old versions may be about another child: known by their text only, so a page may take more than one look.
  const isChecked = groups.some(({ isWhole }) => !isWhole);
  const each = isChecked ? Math.max(count + 1, limits.history.lookCount) : count + 1;
  for (let look = 0; look < limits.history.looks; look++) {
    const rows = await changesBefore(query, parts, { ...wanted, groups, count: each, cursor }, visibility);
    const isTold = (row: Row) =>
      (row.is_present && isToldPartly(visibility, row.type)) || isShownByContent(parts, visibility, toStored(row));
    shown.push(...rows.filter(isTold));
    const last = rows.at(-1);
    if (!last || rows.length < each) return ok(await pageOf(shown, count, tell));
    if (shown.length > count) break;
    cursor = [last.at, last.seq];
  }
  // Where the looks end, the page does: what is shown of it, and where the next one goes on.
  return ok(
    shown.length > count ? await pageOf(shown, count, tell) : { versions: await tell(shown), next: cursor.join(' ') },
  );
}

type Tell = (rows: readonly Row[]) => Promise<Stored[]>;

async function pageOf(
  shown: readonly Row[],
  count: number,
  tell: Tell,
): Promise<{ versions: Stored[]; next?: string }> {
  const last = shown[count - 1];
  const versions = await tell(shown.slice(0, count));
  return shown.length > count && last ? { versions, next: `${last.at} ${last.seq}` } : { versions };
}

/** Types of which the same is asked. */
interface Group {
  types: string[];
  /** Every record may be seen. */
  isWhole: boolean;
}

function groupsOf({ definitions }: StoreParts, visibility: Visibility, types: readonly string[]): Group[] {
  return alike(definitions, visibility, types).flatMap((same) => {
    const visible = visibleSql(definitions, visibility, same[0] ?? '', () => '');
    return visible === false ? [] : [{ types: same, isWhole: visible === undefined }];
  });
}

/** One look into each type's newest changes before the cursor, merged. */
function changesBefore(
  query: Query,
  parts: StoreParts,
  wanted: HistoryFilter & { groups: readonly Group[]; count: number; cursor: readonly string[] },
  visibility: Visibility,
): Promise<Row[]> {
  const { groups, cursor, since, at, count } = wanted;
  const into = statement();
  const types = into.add(
    groups.flatMap((group) => group.types),
    'text[]',
  );
  const numbers = into.add(
    groups.flatMap((group, number) => group.types.map(() => number)),
    'integer[]',
  );
  const [time, seq] = [into.add(cursor[0], 'timestamptz'), into.add(cursor[1], 'bigint')];
  const past = [`c.type = t.type AND (c.at, c.seq) < (${time}, ${seq})`];
  if (since !== undefined) past.push(`c.at >= ${into.add(since, 'timestamptz')}`);
  if (at !== undefined) {
    const [start, end] = [into.add(at.start, 'timestamptz'), into.add(at.end, 'timestamptz')];
    past.push(`c.at < ${end} AND coalesce((${replacedAt('r', 'c.version')}) > ${start}, true)`);
  }
  const seen = groups.map((group, number) => {
    const visible = versionSql(parts, visibility, group.types[0] ?? '', into.add);
    return visible === undefined ? `t.number = ${number}` : `(t.number = ${number} AND ${visible})`;
  });
  if (groups.some(({ isWhole }) => !isWhole)) past.push(`(${seen.join(' OR ')})`);
  const limit = into.add(count, 'integer');
  const text = `SELECT v.* FROM unnest(${types}, ${numbers}) AS t (type, number) CROSS JOIN LATERAL (
       SELECT r.key, r.type, r.id, r.version = c.version AS is_present, c.version, c.at AS last_updated, c.outcome = 'deleted' AS deleted,
              CASE WHEN r.version = c.version THEN r.method ELSE h.method END AS method,
              CASE WHEN r.version = c.version THEN r.content ELSE h.content END AS content,
              to_char(c.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS at, c.seq::text AS seq
         FROM change_log c JOIN resource r ON r.type = c.type AND r.id = c.id
         LEFT JOIN resource_history h ON h.key = r.key AND h.version = c.version
        WHERE ${past.join(' AND ')} AND (r.version = c.version OR h.version IS NOT NULL)
        ORDER BY c.at DESC, c.seq DESC LIMIT ${limit}) v
      ORDER BY v.at DESC, v.seq::bigint DESC LIMIT ${limit}`;
  return query<Row>(text, into.values, parts.shapeName?.(text));
}

/** The predicate for versions `c` of records `r`: the present one may be told in part, one before is told whole or not at all. */
function versionSql(
  { definitions }: StoreParts,
  visibility: Visibility,
  type: string,
  add: (value: unknown, type: string) => string,
): string | undefined | false {
  const whole = visibleSql(definitions, wholly(visibility), type, add);
  if (typeof whole !== 'string' || !isToldPartly(visibility, type)) return whole;
  return `(${whole} OR (r.version = c.version AND ${visibleSql(definitions, visibility, type, add)}))`;
}

/** When a version was replaced: the time of the one after it, or null for the current one. */
export function replacedAt(resource: string, version: string): string {
  return `SELECT CASE WHEN ${resource}.version = ${version} + 1 THEN ${resource}.last_updated ELSE
    (SELECT n.last_updated FROM resource_history n WHERE n.key = ${resource}.key AND n.version = ${version} + 1) END`;
}
