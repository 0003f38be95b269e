import type pg from 'pg';
import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { errorCode } from '../error-code.ts';
import { makeSchema } from '../migrate.ts';
import type { Query } from '../rows.ts';
import type { Sql } from '../types.ts';
import { queryOver } from './connection.ts';
import type { Contents, Kept, TableEnd } from './contents.ts';
import { type BackupLine, BrokenBackup, readBackup } from './read-backup.ts';
import { sumSql } from './sum.ts';
import { lineSql, plainSettings, quoted, sequencesOf, type Table, tablesOf } from './tables.ts';

export interface RestoreDeps {
  pool: pg.Pool;
  say(line: string): void;
  /** What else has to hold of what was restored, and what is done to it, before it is kept: an error, and nothing was restored. */
  check(sql: Sql): Promise<Result<void>>;
}

/**
 * Fills an empty database from a backup, in one transaction: the schema by its numbered steps, up to those that the backup has; then every row,
 * every sequence; then each table is summed up and held against the file. Nothing is kept unless all of it holds. Errors: `conflict`, the
 * database is not empty; `not-found`, no such file; `invalid`, the file is no whole backup of this or an older Careweave.
 */
export async function restoreBackup(file: string, deps: RestoreDeps): Promise<Result<Kept>> {
  const client = await deps.pool.connect();
  const query = queryOver(client);
  try {
    await query('BEGIN');
    await query(plainSettings);
    const restored = await restoreWithin(file, query, deps);
    await query(restored.ok ? 'COMMIT' : 'ROLLBACK');
    if (restored.ok) await analyze(query);
    return restored;
  } catch (fault) {
    await query('ROLLBACK').catch(() => undefined);
    return toldOrThrown(fault);
  } finally {
    client.release();
  }
}

/** What the planner goes by. When that fails, PostgreSQL finds it out by itself a little later: the restore has happened. */
async function analyze(query: Query): Promise<void> {
  await query('SET statement_timeout = 0; ANALYZE').catch(() => undefined);
  await query('RESET statement_timeout');
}

async function restoreWithin(file: string, query: Query, deps: RestoreDeps): Promise<Result<Kept>> {
  if ((await tablesOf(query)).length > 0)
    return fail('conflict', 'This database is not empty: a restore takes an empty one, and never writes over records.');
  const lines = readBackup(file, progressOf(deps.say));
  const first = await lines.next();
  if (first.done || first.value.kind !== 'contents') throw new BrokenBackup('The file is no backup of Careweave.');
  const { contents } = first.value;
  const made = await makeSchema(query, contents.steps);
  if (!made.ok) return made;
  const same = await emptiedAlike(query, contents);
  if (!same.ok) return same;
  const ends = await fill(query, lines, contents);
  for (const [at, table] of contents.tables.entries()) {
    const end = ends[at];
    const [held] = await query<{ rows: string; sum: string }>(
      sumSql(`SELECT ${lineSql(table)} FROM ${quoted(table.name)} t`),
    );
    if (!end || held?.rows !== end.rows || held.sum !== end.sum)
      return fail('invalid', `What was restored of ${table.name} is not what the backup holds.`);
  }
  await query('ALTER TABLE resource ENABLE TRIGGER USER');
  const checked = await deps.check({ query });
  if (!checked.ok) return checked;
  const rows = ends.reduce((sum, end) => sum + Number(end.rows), 0);
  const schema = contents.steps.at(-1)?.number ?? 0;
  return ok({ made: contents.made, tables: contents.tables.length, rows, schema });
}

/** Takes out what the steps themselves have put in, and refuses a backup of tables that are other ones. */
async function emptiedAlike(query: Query, { tables }: Contents): Promise<Result<void>> {
  const here = new Map((await tablesOf(query)).map((table) => [table.name, table]));
  const other = tables.find((table) => !isSame(table, here.get(table.name)));
  if (other || here.size !== tables.length)
    return fail(
      'invalid',
      'The tables of the backup are not those that its schema makes: somebody changed them by hand.',
    );
  for (const name of here.keys()) {
    const [row] = await query(`SELECT 1 AS one FROM ${quoted(name)} LIMIT 1`);
    if (row) await query(`TRUNCATE ${quoted(name)} CASCADE`);
  }
  // Categories come with their records; passing them on anew would only take long.
  await query('ALTER TABLE resource DISABLE TRIGGER USER');
  return ok(undefined);
}

/** Whatever the order of the columns: they are named where they are filled. */
function isSame(table: Table, other: Table | undefined): boolean {
  const shape = ({ columns, types }: Table) =>
    columns
      .map((column, at) => `${column} ${types[at]}`)
      .sort()
      .join();
  return other !== undefined && shape(table) === shape(other);
}

/** Fills the tables in the order of the file; answers what it says of each. */
async function fill(query: Query, lines: AsyncGenerator<BackupLine>, { tables }: Contents): Promise<TableEnd[]> {
  const ends: TableEnd[] = [];
  let waiting: string[] = [];
  let length = 0;
  const put = async (table: Table | undefined) => {
    if (waiting.length > 0 && table) await insert(query, table, waiting);
    else if (waiting.length > 0) throw new BrokenBackup('The backup has rows of no table.');
    waiting = [];
    length = 0;
  };
  for await (const line of lines) {
    const table = tables[ends.length];
    if (line.kind === 'row') {
      waiting.push(line.text);
      length += line.text.length;
      if (waiting.length >= limits.backup.rowsAtOnce || length >= limits.backup.lengthAtOnce) await put(table);
    } else if (line.kind === 'table-end') {
      await put(table);
      if (line.end.end !== table?.name) throw new BrokenBackup('The tables of the backup are out of order.');
      ends.push(line.end);
    } else if (line.kind === 'sequences') {
      await setSequences(query, line.sequences);
    }
  }
  return ends;
}

async function insert(query: Query, { name, columns, types }: Table, rows: readonly string[]): Promise<void> {
  const read = rows.map((text) => rowOf(text, columns.length));
  const names = columns.map(quoted).join(', ');
  const values = columns.map((column, at) => `g.${quoted(column)}::${types[at]}`).join(', ');
  const lists = columns.map((_, at) => `$${at + 1}::text[]`).join(', ');
  await query(
    `INSERT INTO ${quoted(name)} (${names}) OVERRIDING SYSTEM VALUE SELECT ${values} FROM unnest(${lists}) AS g (${names})`,
    columns.map((_, at) => read.map((row) => row[at])),
  );
}

function rowOf(text: string, columns: number): (string | null)[] {
  const row = JSON.parse(text) as unknown;
  const isRow = Array.isArray(row) && row.length === columns;
  if (!isRow || !row.every((value) => value === null || typeof value === 'string'))
    throw new BrokenBackup('The backup has a row that does not fit its table.');
  return row;
}

async function setSequences(query: Query, told: readonly { name: string; last: string }[]): Promise<void> {
  for (const { name, last } of told) await query('SELECT setval(to_regclass($1), $2)', [quoted(name), last]);
  const held = await sequencesOf(query);
  for (const { name, last } of told)
    if (!held.some((one) => one.name === name && one.last === last))
      throw new BrokenBackup('The backup counts on with a sequence that its schema does not make.');
}

function progressOf(say: (line: string) => void): (part: number) => void {
  let told = 0;
  return (part) => {
    const tenths = Math.floor(part * 10);
    if (tenths <= told || tenths >= 10) return;
    told = tenths;
    say(`${tenths * 10} % of the backup read`);
  };
}

/** What is wrong with the file is told; anything else is a fault of ours, or of the database. */
function toldOrThrown(fault: unknown): Result<Kept> {
  if (fault instanceof BrokenBackup) return fail('invalid', fault.message);
  const code = errorCode(fault) ?? '';
  if (code === 'ENOENT' || code === 'EISDIR' || code === 'EACCES')
    return fail('not-found', 'There is no such file that could be read.');
  // Gzip says so, JSON, or PostgreSQL of a value: classes 22 (a value that is none) and 23 (one that breaks a rule).
  if (code.startsWith('Z_') || fault instanceof SyntaxError || /^2[23]/.test(code))
    return fail('invalid', 'The file is no whole backup of Careweave.', { cause: fault });
  throw fault;
}
