import { ok, type Result } from '../../base/errors.ts';
import { type Query, type ResourceRow, resourceColumns } from '../rows.ts';
import { fewGathered } from './gather.ts';
import type { PageAsked } from './page-asked.ts';
import { after, type OrderColumn, orderBy, orderColumns, readCursor } from './sort.ts';
import { statement } from './statement.ts';
import { branchWhere, isScoped, type RowBranch } from './where.ts';

/** A row with its values in the columns of the order, `place_0` and so on. */
export type PlacedRow = ResourceRow & Record<string, unknown>;

/** Of the rows of one type, none of them deleted. */
const ownColumns = 'r.key, r.id, r.version, r.last_updated, r.method, r.content';

/** The first rows of each type, put in one order: as every page is short, each type finds its own by its own index. */
export async function sortedRows(query: Query, asked: PageAsked): Promise<Result<PlacedRow[]>> {
  const { parts, wanted, branches, visibility } = asked;
  const made = pageStatement(asked);
  if (!made.ok) return made;
  if (made.value === undefined) return ok([]);
  const { text, values } = made.value;
  const [only, ...others] = branches;
  const isNarrow =
    only !== undefined && others.length === 0 && (isAmongFew(only) || isScoped(parts, wanted, only, visibility));
  const rows = await query<PlacedRow>(text, values, isNarrow ? parts.shapeName?.(text) : undefined);
  // What is the same for all of them is not asked: each value of each row takes a microsecond of PostgreSQL.
  if (only && others.length === 0) for (const row of rows) Object.assign(row, { type: only.type, deleted: false });
  return ok(rows);
}

/** Whether the rows are named by their keys, few enough that each is asked the rest: one plan is right whatever the values. */
const isAmongFew = ({ among }: RowBranch) => among !== undefined && among.size <= fewGathered;

/** The statement of a page; undefined when nothing may be seen. */
export function pageStatement({
  parts,
  wanted,
  branches,
  visibility,
  limit,
}: PageAsked): Result<{ text: string; values: unknown[] } | undefined> {
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
    const columns = branches.length === 1 ? ownColumns : resourceColumns;
    pages.push(`SELECT ${columns}${places} FROM resource r WHERE ${from} ORDER BY ${orderBy(order)} LIMIT ${limit}`);
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
