import type { StoreParts } from './parts.ts';
import { type Query, type ResourceRow, resourceColumns, toStored } from './rows.ts';
import type { Beside, Stored, Visibility } from './types.ts';
import { visibleSql } from './visibility.ts';

/** The current version; a deleted one has `deleted: true`. */
export async function read(query: Query, type: string, id: string): Promise<Stored | undefined> {
  const rows = await query<ResourceRow>(
    `SELECT ${resourceColumns} FROM resource r WHERE r.type = $1 AND r.id = $2`,
    [type, id],
    'read',
  );
  return rows[0] && toStored(rows[0]);
}

/**
 * The current version when the visibility shows it, in one statement: what is hidden takes as long as what is not there, and costs no
 * second round trip to find out.
 */
export async function readSeen(
  query: Query,
  { definitions, shapeName }: StoreParts,
  visibility: Visibility,
  type: string,
  id: string,
): Promise<Stored | undefined> {
  const values: unknown[] = [type, id];
  const visible = visibleSql(definitions, visibility, type, (value, as) => `$${values.push(value)}::${as}`);
  if (visible === false) return undefined;
  if (visible === undefined) return read(query, type, id);
  const text = `SELECT ${resourceColumns} FROM resource r WHERE r.type = $1 AND r.id = $2 AND ${visible}`;
  const rows = await query<ResourceRow>(text, values, shapeName?.(text));
  return rows[0] && toStored(rows[0]);
}

/** `readSeen`, which also writes: `query` answers when that is committed. */
export async function readBeside(
  query: Query,
  { definitions, shapeName }: StoreParts,
  visibility: Visibility,
  { type, id, beside }: { type: string; id: string; beside: Beside },
): Promise<Stored | undefined> {
  const values: unknown[] = [type, id];
  const add = (value: unknown, as: string) => `$${values.push(value)}::${as}`;
  const visible = visibleSql(definitions, visibility, type, add);
  if (visible === false) return undefined;
  const text = `WITH found AS MATERIALIZED (
      SELECT ${resourceColumns} FROM resource r WHERE r.type = $1 AND r.id = $2${visible === undefined ? '' : ` AND ${visible}`}),
    beside AS (${beside.write(add)})
    SELECT ${resourceColumns} FROM found r`;
  const name = visible === undefined ? `read-${beside.name}` : shapeName?.(text);
  const rows = await query<ResourceRow>(text, values, name);
  return rows[0] && toStored(rows[0]);
}

/** Current versions in the order asked for; missing and deleted ones are left out. */
export async function readMany(query: Query, references: readonly { type: string; id: string }[]): Promise<Stored[]> {
  if (references.length === 0) return [];
  const rows = await query<ResourceRow>(
    `SELECT ${resourceColumns}
       FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS wanted (type, id, place)
       JOIN resource r ON r.type = wanted.type AND r.id = wanted.id
      WHERE NOT r.deleted
      ORDER BY wanted.place`,
    [references.map((reference) => reference.type), references.map((reference) => reference.id)],
    'read-many',
  );
  return rows.map(toStored);
}

/** One version, current or replaced. */
export async function readVersion(
  query: Query,
  type: string,
  id: string,
  version: number,
): Promise<Stored | undefined> {
  if (!Number.isInteger(version) || version < 1 || version > 2_147_483_647) return undefined;
  const rows = await query<ResourceRow>(
    `SELECT ${resourceColumns} FROM resource r WHERE r.type = $1 AND r.id = $2 AND r.version = $3
     UNION ALL
     SELECT r.key, r.type, r.id, h.version, h.last_updated, h.deleted, h.method, h.content
       FROM resource r JOIN resource_history h ON h.key = r.key AND h.version = $3
      WHERE r.type = $1 AND r.id = $2`,
    [type, id, version],
    'read-version',
  );
  return rows[0] && toStored(rows[0]);
}
