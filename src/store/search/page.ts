import { ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { SearchQuery } from '../../fhir/search/query.ts';
import type { StoreParts } from '../parts.ts';
import { type Query, type ResourceRow, resourceColumns } from '../rows.ts';
import type { Visibility } from '../types.ts';
import { isDateWalk, walkByDate } from './date-walk.ts';
import { rememberable } from './rememberable.ts';
import { answerKey, changedSince, snapshotBefore } from './remembered.ts';
import { after, type OrderColumn, orderBy, orderColumns, readCursor, writeCursor } from './sort.ts';
import { statement } from './statement.ts';
import { branchWhere, isScoped, type RowBranch } from './where.ts';

/** A row with its values in the columns of the order, `place_0` and so on. */
export type PlacedRow = ResourceRow & Record<string, unknown>;

interface Found {
  rows: ResourceRow[];
  next?: string;
}

const { rememberedRows } = limits.search;

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
  const found = await firstRows(query, parts, wanted, branches, visibility, count + 1);
  if (!found.ok) return found;
  const page = found.value.slice(0, count);
  const last = page.at(-1);
  return ok({ rows: page, ...(found.value.length > count && last && { next: nextOf(last) }) });
}

async function firstRows(
  query: Query,
  parts: StoreParts,
  wanted: SearchQuery,
  branches: readonly RowBranch[],
  visibility: Visibility,
  limit: number,
): Promise<Result<PlacedRow[]>> {
  const [branch] = branches;
  if (!branch || !isDateWalk(parts, wanted, branches, visibility))
    return longSought(query, parts, wanted, branches, visibility, limit);
  const dated = await walkByDate(query, parts, wanted, branch, visibility, limit);
  if (!dated.ok) return dated;
  if (dated.value === undefined) return sortedRows(query, parts, wanted, branches, visibility, limit);
  if (dated.value.length >= limit) return ok(dated.value);
  const rest = { ...wanted, cursor: startOfUndated };
  const undated = await sortedRows(query, parts, rest, branches, visibility, limit - dated.value.length);
  return undated.ok ? ok([...dated.value, ...undated.value]) : undated;
}

/** `sortedRows`; where the way to few rows was long, the next time only they and what has changed since are asked. */
async function longSought(
  query: Query,
  parts: StoreParts,
  wanted: SearchQuery,
  branches: readonly RowBranch[],
  visibility: Visibility,
  limit: number,
): Promise<Result<PlacedRow[]>> {
  const ask = (some: readonly RowBranch[]) => sortedRows(query, parts, wanted, some, visibility, limit);
  const branch = rememberable(parts, wanted, branches, visibility);
  const { remembered } = parts;
  if (!branch || !remembered || branch.sort.length > 0) return ask(branches);
  const made = pageStatement(parts, wanted, branches, visibility, limit);
  if (!made.ok || made.value === undefined) return ask(branches);
  const key = answerKey('rows', made.value.text, made.value.values);
  const keep = (rows: readonly PlacedRow[], snapshot: string) => {
    // A full page says nothing of what comes after it.
    if (rows.length < Math.min(limit, rememberedRows))
      remembered.set(key, { keys: rows.map((row) => row.key), snapshot });
  };
  const again = async (): Promise<Result<PlacedRow[]> | undefined> => {
    const known = remembered.get(key);
    const changed = known?.keys && (await changedSince(query, branch.type, known.snapshot));
    if (!known?.keys || !changed) return undefined;
    const keys = [...new Set([...known.keys, ...changed.keys])];
    const among = { size: keys.length, keys: `{${keys.join(',')}}` };
    const found = await ask([{ ...branch, among }]);
    if (found.ok) keep(found.value, changed.snapshot);
    return found;
  };
  const found = await again();
  if (found) return found;
  return remembered.inTurn(key, async () => {
    const meanwhile = await again();
    if (meanwhile) return meanwhile;
    const snapshot = await snapshotBefore(query, remembered);
    const started = performance.now();
    const rows = await ask(branches);
    if (rows.ok && performance.now() - started >= remembered.fromMs) keep(rows.value, snapshot);
    return rows;
  });
}

/** The first rows of each type, put in one order: as every page is short, each type finds its own by its own index. */
async function sortedRows(
  query: Query,
  parts: StoreParts,
  wanted: SearchQuery,
  branches: readonly RowBranch[],
  visibility: Visibility,
  limit: number,
): Promise<Result<PlacedRow[]>> {
  const made = pageStatement(parts, wanted, branches, visibility, limit);
  if (!made.ok) return made;
  if (made.value === undefined) return ok([]);
  const { text, values } = made.value;
  const isOnePatients =
    branches.length === 1 && branches.every((branch) => isScoped(parts, wanted, branch, visibility));
  return ok(await query<PlacedRow>(text, values, isOnePatients ? parts.shapeName?.(text) : undefined));
}

/** The statement of a page; undefined when nothing may be seen. */
function pageStatement(
  parts: StoreParts,
  wanted: SearchQuery,
  branches: readonly RowBranch[],
  visibility: Visibility,
  limit: number,
): Result<{ text: string; values: unknown[] } | undefined> {
  const into = statement();
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
      `SELECT ${resourceColumns}${places} FROM resource r WHERE ${from} ORDER BY ${orderBy(order)} LIMIT ${limit}`,
    );
  }
  const [only, ...others] = pages;
  if (only === undefined) return ok(undefined);
  return ok({ text: others.length === 0 ? only : merged(pages, order, limit), values: into.values });
}

function merged(pages: readonly string[], order: readonly OrderColumn[], limit: number): string {
  const placed = order.map((column, place) => ({ ...column, sql: `u.place_${place}` }));
  const all = pages.map((page) => `(${page})`).join(' UNION ALL ');
  return `SELECT u.* FROM (${all}) u ORDER BY ${orderBy(placed, 'u')} LIMIT ${limit}`;
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
