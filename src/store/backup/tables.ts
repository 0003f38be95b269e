import type { Query } from '../rows.ts';

/** A table as a backup keeps it. `types` are PostgreSQL's own names, one for each column. */
export interface Table {
  name: string;
  columns: string[];
  types: string[];
}

/**
 * Transaction numbers are those of one cluster: in another one the numbers of before would lie in the future. The column's default gives
 * the number of the transaction that restores.
 */
const ofThisCluster = 'xid8';

/** Tables of the schema that we are in, without those of extensions. */
const ours = `c.relkind IN ('r', 'p') AND c.relnamespace = current_schema()::regnamespace
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')`;

const columnsText = `
  SELECT c.relname AS name, a.attname AS column, format_type(a.atttypid, a.atttypmod) AS type
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
   WHERE ${ours} AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
   ORDER BY c.relname, a.attnum`;

const referencesText = `
  SELECT DISTINCT c.relname AS name, f.relname AS needs
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class f ON f.oid = k.confrelid
   WHERE k.contype = 'f' AND c.oid <> f.oid AND ${ours}`;

/** All tables, each behind those that it refers to. */
export async function tablesOf(query: Query): Promise<Table[]> {
  const tables = new Map<string, Table>();
  for (const { name, column, type } of await query<{ name: string; column: string; type: string }>(columnsText)) {
    const table = tables.get(name) ?? { name, columns: [], types: [] };
    tables.set(name, table);
    if (type === ofThisCluster) continue;
    table.columns.push(column);
    table.types.push(type);
  }
  const needs = await query<{ name: string; needs: string }>(referencesText);
  const ordered = new Map<string, Table>();
  const place = (table: Table, behind: readonly string[]) => {
    if (ordered.has(table.name) || behind.includes(table.name)) return;
    for (const one of needs) {
      const needed = one.name === table.name ? tables.get(one.needs) : undefined;
      if (needed) place(needed, [...behind, table.name]);
    }
    ordered.set(table.name, table);
  };
  for (const table of tables.values()) place(table, []);
  return [...ordered.values()];
}

/** The highest number that each sequence has given; those that gave none are left out. */
export function sequencesOf(query: Query): Promise<{ name: string; last: string }[]> {
  return query<{ name: string; last: string }>(
    `SELECT sequencename AS name, last_value::text AS last FROM pg_sequences
      WHERE schemaname = current_schema() AND last_value IS NOT NULL ORDER BY 1`,
  );
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** SQL: one row `t` of the table as a line of JSON, a list of PostgreSQL's texts. It holds no line break: JSON writes those as `\n`. */
export function lineSql({ columns }: Table): string {
  return `json_build_array(${columns.map((column) => `t.${quoted(column)}::text`).join(', ')})::text`;
}

/** As whoever reads or fills tables speaks, so that every text means the same in any database. `statement_timeout`: a table takes as long as it takes. */
export const plainSettings = `SET LOCAL statement_timeout = 0; SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL IntervalStyle = 'postgres';
  SET LOCAL TimeZone = 'UTC'; SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1; SET LOCAL synchronize_seqscans = off`;
