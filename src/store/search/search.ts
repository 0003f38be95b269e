import { ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { SearchQuery } from '../../fhir/search/query.ts';
import type { StoreParts } from '../parts.ts';
import { type Query, type ResourceRow, resourceColumns, toStored } from '../rows.ts';
import type { SearchPage, Visibility } from '../types.ts';
import { memberOf, visibleSql } from '../visibility.ts';
import { criterionCondition } from './filters.ts';
import { included } from './include.ts';
import { patientOf } from './patient-scope.ts';
import { after, type OrderColumn, orderBy, orderColumns, readCursor, writeCursor } from './sort.ts';
import { type Statement, statement } from './statement.ts';

/** The WHERE of a search, visibility included; undefined when nothing may be seen. */
function conditions(
  parts: StoreParts,
  wanted: SearchQuery,
  visibility: Visibility,
  into: Statement,
): Result<string | undefined> {
  const { type } = wanted;
  const visible = visibleSql(parts.definitions, visibility, type, (value) => into.add(value, 'text'));
  if (visible === false) return ok(undefined);
  const all = [`r.type = ${into.add(type, 'text')}`, 'NOT r.deleted'];
  if (visible !== undefined) all.push(visible);
  const patient = patientOf(parts.definitions, type, wanted.filters);
  if (patient !== undefined && visible === undefined) all.push(memberOf(into.add(patient, 'text')));
  const scoped = visible !== undefined || patient !== undefined;
  const { definitions } = parts;
  const selection = { definitions, visibility, into, type, row: 'r', scoped, criterion: criterionCondition };
  for (const criterion of wanted.filters) {
    const condition = criterionCondition(selection, criterion);
    if (!condition.ok) return condition;
    all.push(condition.value);
  }
  return ok(all.join(' AND '));
}

async function matchPage(
  query: Query,
  parts: StoreParts,
  wanted: SearchQuery,
  visibility: Visibility,
): Promise<Result<{ rows: ResourceRow[]; next?: string }>> {
  const into = statement();
  const where = conditions(parts, wanted, visibility, into);
  if (!where.ok) return where;
  if (where.value === undefined || wanted.count === 0) return ok({ rows: [] });
  const columns = orderColumns(wanted.sort, into);
  let from = where.value;
  if (wanted.cursor !== undefined) {
    const position = readCursor(wanted.cursor, columns);
    if (!position.ok) return position;
    from += ` AND ${after(columns, position.value, into)}`;
  }
  const count = Math.min(wanted.count, limits.search.maxCount);
  const places = columns.map(({ sql }, place) => `, ${sql} AS place_${place}`).join('');
  const rows = await query<ResourceRow & Record<string, unknown>>(
    `SELECT ${resourceColumns}${places} FROM resource r WHERE ${from} ORDER BY ${orderBy(columns)} LIMIT ${count + 1}`,
    into.values,
  );
  const page = rows.slice(0, count);
  const last = page.at(-1);
  return ok({ rows: page, ...(rows.length > count && last && { next: nextOf(columns, last) }) });
}

function nextOf(columns: readonly OrderColumn[], row: ResourceRow & Record<string, unknown>): string {
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
  visibility: Visibility,
): Promise<Result<number>> {
  const into = statement();
  const where = conditions(parts, wanted, visibility, into);
  if (!where.ok) return where;
  if (where.value === undefined) return ok(0);
  const rows = await query<{ total: string }>(
    `SELECT count(*) AS total FROM resource r WHERE ${where.value}`,
    into.values,
  );
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
  const found = await matchPage(query, parts, wanted, visibility);
  if (!found.ok) return found;
  const { rows, next } = found.value;
  const matches = rows.map(toStored);
  const more = await included(query, parts, wanted, visibility, matches);
  if (!more.ok) return more;
  const page: SearchPage = { matches, included: more.value };
  if (next !== undefined) page.next = next;
  if (wanted.total === 'none' && wanted.summary !== 'count') return ok(page);
  const isWhole = wanted.cursor === undefined && next === undefined && wanted.count > 0;
  const total = isWhole ? ok(matches.length) : await countMatches(query, parts, wanted, visibility);
  if (!total.ok) return total;
  return ok({ ...page, total: total.value });
}
