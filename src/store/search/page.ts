import { ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { SearchQuery } from '../../fhir/search/query.ts';
import type { StoreParts } from '../parts.ts';
import type { Query, ResourceRow } from '../rows.ts';
import type { Visibility } from '../types.ts';
import { isDateWalk, walkByDate } from './date-walk.ts';
import type { PageAsked } from './page-asked.ts';
import { writeCursor } from './sort.ts';
import { type PlacedRow, sortedRows } from './sorted-rows.ts';
import { soughtLong } from './sought-long.ts';
import type { RowBranch } from './where.ts';

interface Found {
  rows: ResourceRow[];
  next?: string;
}

/** Before every row that has no value in the one column of the order. */
const startOfUndated = writeCursor([null, '0']);

/** One page of the matches in the order asked for, and where the next one starts. */
export async function matchPage(
  query: Query,
  parts: StoreParts,
  wanted: SearchQuery,
  branches: readonly RowBranch[],
  visibility: Visibility,
): Promise<Result<Found>> {
  if (wanted.count === 0) return ok({ rows: [] });
  const count = Math.min(wanted.count, limits.search.maxCount);
  const found = await firstRows(query, { parts, wanted, branches, visibility, limit: count + 1 });
  if (!found.ok) return found;
  const page = found.value.slice(0, count);
  const last = page.at(-1);
  return ok({ rows: page, ...(found.value.length > count && last && { next: nextOf(last) }) });
}

async function firstRows(query: Query, asked: PageAsked): Promise<Result<PlacedRow[]>> {
  const { wanted, limit } = asked;
  if (!isDateWalk(asked)) return soughtLong(query, asked);
  const dated = await walkByDate(query, asked);
  if (!dated.ok) return dated;
  if (dated.value === undefined) return sortedRows(query, asked);
  if (dated.value.length >= limit) return ok(dated.value);
  const rest = { ...asked, wanted: { ...wanted, cursor: startOfUndated }, limit: limit - dated.value.length };
  const undated = await sortedRows(query, rest);
  return undated.ok ? ok([...dated.value, ...undated.value]) : undated;
}

function nextOf(row: PlacedRow): string {
  const values: (string | null)[] = [];
  for (let place = 0; `place_${place}` in row; place++) {
    values.push(textOf(row[`place_${place}`]));
  }
  return writeCursor([...values, row.key]);
}

/** A value of the order as PostgreSQL reads it back; times without an end come from the driver as numbers. */
function textOf(value: unknown): string | null {
  if (value instanceof Date) return value.toISOString();
  if (value === Number.POSITIVE_INFINITY) return 'infinity';
  if (value === Number.NEGATIVE_INFINITY) return '-infinity';
  return typeof value === 'string' ? value : null;
}
