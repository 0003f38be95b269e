import { ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { SearchQuery } from '../../fhir/search/query.ts';
import type { StoreParts } from '../parts.ts';
import { type Query, type ResourceRow, resourceColumns, toStored } from '../rows.ts';
import type { SearchPage, Visibility } from '../types.ts';
import { byWords } from './by-words.ts';
import { included } from './include.ts';
import { measured } from './measure.ts';
import { after, type OrderColumn, orderBy, orderColumns, readCursor, writeCursor } from './sort.ts';
import { statement } from './statement.ts';
import { branchWhere, type RowBranch } from './where.ts';

interface Found {
  rows: ResourceRow[];
  next?: string;
}
type PlacedRow = ResourceRow & Record<string, unknown>;

/** One page of each type, put in one order: as every page is short, each type finds its own by its own index. */
async function matchPage(
  query: Query,
  parts: StoreParts,
  wanted: SearchQuery,
  branches: readonly RowBranch[],
  visibility: Visibility,
): Promise<Result<Found>> {
  if (wanted.count === 0) return ok({ rows: [] });
  const into = statement();
  const count = Math.min(wanted.count, limits.search.maxCount);
  let order: OrderColumn[] = [];
  const pages: string[] = [];
  for (const branch of branches) {
    const where = branchWhere(parts, wanted, branch, visibility, into);
    if (!where.ok) return where;
    if (where.value === undefined) continue;
    order = orderColumns(branch.sort, into);
    let from = where.value;
    if (wanted.cursor !== undefined) {
      const position = readCursor(wanted.cursor, order);
      if (!position.ok) return position;
      from += ` AND ${after(order, position.value, into)}`;
    }
    const places = order.map(({ sql }, place) => `, ${sql} AS place_${place}`).join('');
    pages.push(
      `SELECT ${resourceColumns}${places} FROM resource r WHERE ${from} ORDER BY ${orderBy(order)} LIMIT ${count + 1}`,
    );
  }
  const [only, ...others] = pages;
  if (only === undefined) return ok({ rows: [] });
  const rows = await query<PlacedRow>(others.length === 0 ? only : merged(pages, order, count + 1), into.values);
  const page = rows.slice(0, count);
  const last = page.at(-1);
  return ok({ rows: page, ...(rows.length > count && last && { next: nextOf(order, last) }) });
}

function merged(pages: readonly string[], order: readonly OrderColumn[], limit: number): string {
  const placed = order.map((column, place) => ({ ...column, sql: `u.place_${place}` }));
  const all = pages.map((page) => `(${page})`).join(' UNION ALL ');
  return `SELECT u.* FROM (${all}) u ORDER BY ${orderBy(placed, 'u')} LIMIT ${limit}`;
}

function nextOf(columns: readonly OrderColumn[], row: PlacedRow): string {
  const values = columns.map((_, place) => {
    const value = row[`place_${place}`];
    if (value instanceof Date) return value.toISOString();
    return typeof value === 'string' ? value : null;
  });
  return writeCursor([...values, row.key]);
}

async function countMatches(
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
  const rows = await query<{ total: string }>(`SELECT ${counts.join(' + ')} AS total`, into.values);
  return ok(Number(rows[0]?.total));
}

/**
 * Answers a parsed search. A page is found by where the page before ended, so records written meanwhile shift nothing; without
 * `_sort` the order is that of creation. An estimated total is an accurate one. Errors: `invalid` (cursor, unsupported filter), `too-large` (too many includes).
 */
export async function search(
  query: Query,
  parts: StoreParts,
  wanted: SearchQuery,
  visibility: Visibility,
): Promise<Result<SearchPage>> {
  const sized = await measured(query, parts, wanted, visibility);
  if (!sized.ok) return sized;
  const branches = await byWords(query, parts, wanted, sized.value, visibility);
  if (!branches.ok) return branches;
  const found = await matchPage(query, parts, wanted, branches.value, visibility);
  if (!found.ok) return found;
  const { rows, next } = found.value;
  const matches = rows.map(toStored);
  const more = await included(query, parts, wanted, visibility, matches);
  if (!more.ok) return more;
  const page: SearchPage = { matches, included: more.value };
  if (next !== undefined) page.next = next;
  if (wanted.total === 'none' && wanted.summary !== 'count') return ok(page);
  const isWhole = wanted.cursor === undefined && next === undefined && wanted.count > 0;
  const total = isWhole ? ok(matches.length) : await countMatches(query, parts, wanted, branches.value, visibility);
  if (!total.ok) return total;
  return ok({ ...page, total: total.value });
}
