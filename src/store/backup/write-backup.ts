import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type pg from 'pg';
import type { Clock } from '../../base/clock.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Query } from '../rows.ts';
import { queryOver } from './connection.ts';
import {
  backupFormat,
  type Contents,
  type FileEnd,
  type Kept,
  type SequenceLine,
  type Step,
  type TableEnd,
} from './contents.ts';
import { keepUnderName } from './keep-file.ts';
import { lineNumber } from './sum.ts';
import { lineSql, plainSettings, quoted, sequencesOf, type Table, tablesOf } from './tables.ts';

export interface BackupDeps {
  pool: pg.Pool;
  clock: Clock;
  /** How far it has come: counts and names of tables only. */
  say(line: string): void;
}

/**
 * Writes the whole database into a new file that only its owner reads: everything in it belongs to one snapshot, also while others write. The
 * file has its name only once it is complete and on the disk. Errors: `conflict`, a file of that name is there; `invalid`, it cannot be
 * written, or this is no database of Careweave.
 */
export async function writeBackup(file: string, deps: BackupDeps): Promise<Result<Kept>> {
  const client = await deps.pool.connect();
  const query = queryOver(client);
  try {
    await query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    await query(plainSettings);
    const contents = await contentsOf(query, deps.clock);
    if (!contents.ok) return contents;
    const written = { rows: 0 };
    const kept = await keepUnderName(file, async (part) => {
      const lines = Readable.from(linesOf(query, contents.value, written, deps.say));
      await pipeline(
        lines,
        createGzip({ level: 1 }),
        createWriteStream(part, { flags: 'wx', mode: 0o600, flush: true }),
      );
    });
    if (!kept.ok) return kept;
    const { made, tables, steps } = contents.value;
    return ok({ made, tables: tables.length, rows: written.rows, schema: steps.at(-1)?.number ?? 0 });
  } finally {
    await query('ROLLBACK').catch(() => undefined);
    client.release();
  }
}

async function contentsOf(query: Query, clock: Clock): Promise<Result<Contents>> {
  const tables = await tablesOf(query);
  if (!tables.some(({ name }) => name === 'schema_migration'))
    return fail(
      'invalid',
      'There is nothing to back up: this database is not one of Careweave’s, or was never started.',
    );
  const steps = await query<Step>('SELECT number, name, checksum FROM schema_migration ORDER BY number');
  const [server] = await query<{ server_version: string }>('SHOW server_version');
  const made = clock.now().toISOString();
  return ok({ careweave: 'backup', format: backupFormat, made, server: server?.server_version ?? '', steps, tables });
}

/** The lines of the file, with their ends. */
async function* linesOf(
  query: Query,
  contents: Contents,
  written: { rows: number },
  say: BackupDeps['say'],
): AsyncGenerator<string> {
  const digest = createHash('sha256');
  const line = (text: string) => {
    const whole = `${text}\n`;
    digest.update(whole);
    return whole;
  };
  yield line(JSON.stringify(contents));
  for (const table of contents.tables) {
    const about = await estimate(query, table);
    let rows = 0;
    let sum = 0n;
    for await (const some of rowsOf(query, table)) {
      for (const one of some) sum += lineNumber(one);
      rows += some.length;
      yield some.map(line).join('');
      if (Math.floor(rows / limits.backup.sayRows) > Math.floor((rows - some.length) / limits.backup.sayRows))
        say(`${table.name}: ${rows} of about ${Math.max(about, rows)} rows`);
    }
    written.rows += rows;
    yield line(JSON.stringify({ end: table.name, rows: String(rows), sum: String(sum) } satisfies TableEnd));
  }
  // Read last: a number that a row of the snapshot has was given before.
  yield line(JSON.stringify({ sequences: await sequencesOf(query) } satisfies SequenceLine));
  const end: FileEnd = { rows: String(written.rows), digest: digest.digest('hex') };
  yield `${JSON.stringify(end)}\n`;
}

async function* rowsOf(query: Query, table: Table): AsyncGenerator<string[]> {
  await query(`DECLARE backup NO SCROLL CURSOR FOR SELECT ${lineSql(table)} AS line FROM ${quoted(table.name)} t`);
  const fetch = `FETCH ${limits.backup.rowsAtOnce} FROM backup`;
  for (;;) {
    const some = await query<{ line: string }>(fetch);
    if (some.length === 0) break;
    yield some.map(({ line }) => line);
  }
  await query('CLOSE backup');
}

async function estimate(query: Query, { name }: Table): Promise<number> {
  const text = 'SELECT greatest(reltuples, 0)::bigint::text AS rows FROM pg_class WHERE oid = to_regclass($1)';
  const [found] = await query<{ rows: string }>(text, [quoted(name)]);
  return Number(found?.rows ?? 0);
}
