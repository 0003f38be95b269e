import { fail, ok, type Result } from '../../base/errors.ts';
import { type Query, resourceColumns } from '../rows.ts';
import { isOwnColumn } from './columns.ts';
import type { PageAsked } from './page-asked.ts';
import { after, type OrderColumn, orderBy, type Position, readCursor } from './sort.ts';
import type { PlacedRow } from './sorted-rows.ts';
import { statement } from './statement.ts';
import { sideParam } from './token.ts';
import { branchWhere, isScoped } from './where.ts';

/** True when the order is that of one date parameter, over more than one patient's records. */
export function isDateWalk({ parts, wanted, branches, visibility }: PageAsked): boolean {
  const [branch, ...others] = branches;
  if (!branch || branch.among || others.length > 0) return false;
  const [key, ...further] = branch.sort;
  if (key?.param.kind !== 'date' || further.length > 0 || isOwnColumn(key.param.code)) return false;
  return !isScoped(parts, wanted, branch, visibility);
}

/**
 * The next rows in the order of a date parameter, those that have one, with the date as `place_0`: at most `limit`. The index of
 * dates is in that order, so where many rows match the first of them are found without sorting all; where few do, the planner still
 * may find and sort them. Undefined when the walk has come to the rows without a date, which are last in either direction.
 */
export async function walkByDate(
  query: Query,
  { parts, wanted, branches: [branch], visibility, limit }: PageAsked,
): Promise<Result<PlacedRow[] | undefined>> {
  const [key] = branch?.sort ?? [];
  if (!branch || !key) return ok(undefined);
  const column = { sql: 'o.range_start', descending: key.descending, type: 'timestamptz', nullable: false };
  const place = placeOf(wanted.cursor, column);
  if (!place.ok) return place;
  if (place.value === 'undated') return ok(undefined);
  const into = statement();
  const where = branchWhere(parts, wanted, branch, visibility, into);
  if (!where.ok) return where;
  if (where.value === undefined) return ok([]);
  const side = into.add(sideParam(branch.type, key.param.code), 'bigint');
  const later = place.value ? ` AND ${after([column], place.value, into)}` : '';
  const rows = await query<PlacedRow>(
    `SELECT ${resourceColumns}, o.range_start AS place_0 FROM resource_date o JOIN resource r ON r.key = o.key
      WHERE o.param = ${side} AND ${where.value} AND ${outermost(side, key.descending)}${later}
      ORDER BY ${orderBy([column])} LIMIT ${limit}`,
    into.values,
  );
  return ok(rows);
}

/** Of several dates the latest counts going down and the earliest going up, and of equal ones any one. */
function outermost(side: string, descending: boolean): string {
  const beyond = `x.range_start ${descending ? '>' : '<'} o.range_start`;
  // OFFSET 0: asked of each row that is walked, instead of for all rows beforehand.
  return `NOT EXISTS (SELECT FROM resource_date x WHERE x.key = o.key AND x.param = ${side}
    AND (${beyond} OR (x.range_start = o.range_start AND x.ctid > o.ctid)) OFFSET 0)`;
}

function placeOf(cursor: string | undefined, column: OrderColumn): Result<Position | 'undated' | undefined> {
  if (cursor === undefined) return ok(undefined);
  const read = readCursor(cursor, [{ ...column, type: 'text', nullable: true }]);
  if (!read.ok) return read;
  const [date] = read.value;
  if (date === null) return ok('undated');
  // A Period without a start begins before every date.
  if (date === '-infinity' || date === 'infinity' || !Number.isNaN(Date.parse(String(date)))) return read;
  return fail('invalid', 'The page link is not valid for this search.', { code: 'value' });
}
