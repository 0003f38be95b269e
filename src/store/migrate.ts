import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type pg from 'pg';
import { fail, ok, type Result } from '../base/errors.ts';
import type { Query } from './rows.ts';

interface Migration {
  number: number;
  name: string;
  sql: string;
  checksum: string;
}

/** Any number will do, so long as every Careweave uses the same. */
const lockNumber = 7_262_025_001;

const migrationsDir = path.join(import.meta.dirname, 'migrations');

function readMigrations(directory: string): Migration[] {
  return readdirSync(directory)
    .filter((file) => /^\d{3}-[a-z0-9-]+\.sql$/.test(file))
    .sort()
    .map((file) => {
      const sql = readFileSync(path.join(directory, file), 'utf8');
      const checksum = createHash('sha256').update(sql).digest('hex');
      return { number: Number(file.slice(0, 3)), name: file.slice(4, -4), sql, checksum };
    });
}

async function apply(client: pg.PoolClient, migration: Migration): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query(migration.sql);
    await client.query('INSERT INTO schema_migration (number, name, checksum) VALUES ($1, $2, $3)', [
      migration.number,
      migration.name,
      migration.checksum,
    ]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}

const migrationTable = `CREATE TABLE IF NOT EXISTS schema_migration (
  number integer PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, applied timestamptz NOT NULL DEFAULT now())`;

/**
 * Makes the schema that an older database had, by the steps that it says it had taken, within the transaction of `query` and without entering
 * them: the rows of a backup do. Nobody who starts meanwhile takes steps of his own. Error `invalid`: a step is not one of ours.
 */
export async function makeSchema(
  query: Query,
  steps: readonly { number: number; name: string; checksum: string }[],
  directory = migrationsDir,
): Promise<Result<void>> {
  await query('SELECT pg_advisory_xact_lock($1)', [lockNumber]);
  const known = new Map(readMigrations(directory).map((migration) => [migration.number, migration]));
  const taken = [...steps].sort((one, other) => one.number - other.number);
  const other = taken.find(({ number, checksum }) => known.get(number)?.checksum !== checksum);
  if (other)
    return fail(
      'invalid',
      `The backup was made by a Careweave whose database step ${other.number} is another one, or not known here: restore it with that version, or a newer one.`,
    );
  await query(migrationTable);
  for (const { number } of taken) await query(known.get(number)?.sql ?? '');
  return ok(undefined);
}

async function migrateLocked(client: pg.PoolClient, migrations: Migration[]): Promise<Result<string[]>> {
  await client.query(migrationTable);
  const { rows } = await client.query<{ number: number; name: string; checksum: string }>(
    'SELECT number, name, checksum FROM schema_migration ORDER BY number',
  );
  const known = new Map(migrations.map((migration) => [migration.number, migration]));
  for (const row of rows) {
    const migration = known.get(row.number);
    if (!migration) {
      return fail(
        'invalid',
        `The database was made by a newer Careweave (step ${row.number}): use that version or newer.`,
      );
    }
    if (migration.checksum !== row.checksum) {
      return fail(
        'invalid',
        `Database step ${row.number} was changed after it was applied: restore the file ${row.name}.`,
      );
    }
  }
  const done = new Set(rows.map((row) => row.number));
  const applied: string[] = [];
  for (const migration of migrations) {
    if (done.has(migration.number)) continue;
    await apply(client, migration);
    applied.push(migration.name);
  }
  return ok(applied);
}

/**
 * Brings the schema up to date: the numbered files of store/migrations in order, each in a transaction of its own, under a lock
 * so that two starting servers do not collide. Answers the names applied. Error `invalid`: the database is newer than this code.
 */
export async function migrate(pool: pg.Pool, directory = migrationsDir): Promise<Result<string[]>> {
  const client = await pool.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [lockNumber]);
    try {
      return await migrateLocked(client, readMigrations(directory));
    } finally {
      await client.query('SELECT pg_advisory_unlock($1)', [lockNumber]);
    }
  } finally {
    client.release();
  }
}
