import { createHash } from 'node:crypto';
import type pg from 'pg';
import { fail, ok, type Result } from '../../base/errors.ts';
import { queryOver } from '../backup/connection.ts';
import { tablesOf } from '../backup/tables.ts';
import type { Query } from '../rows.ts';
import type { Sql } from '../types.ts';
import { collect, namesOf } from './collect.ts';
import { type Mentions, mentionsOf } from './mentions.ts';
import { erasures, keptTables } from './rules.ts';

export interface Erasing {
  patientId: string;
  /** `Type/id` of records that are not about the child by their own telling and go all the same, such as a stored document. */
  also: readonly string[];
  /** Records of others that refer to what goes may keep the reference. */
  leaveMentions: boolean;
  /** What the report said: this is erased. Absent: only the report. */
  confirm?: string;
}

export interface EraseReport {
  erased: boolean;
  /** How many records of each type. */
  records: Record<string, number>;
  /** Rows of each table that were erased. */
  rows?: Record<string, number>;
  mentions: Mentions;
  /** Names what is to be erased: with another set of records it is another word. */
  confirm: string;
}

export interface EraseDeps {
  pool: pg.Pool;
  say(line: string): void;
  /** In the transaction of the erasure. */
  record(sql: Sql, patientId: string): Promise<Result<void>>;
  now: Date;
}

/**
 * Takes a child out of every table, or says what that would take out. Errors: `not-found`, no such child; `conflict`: a server runs, other
 * children are in a record that would go, a record that stays refers to one that goes, the word is not that of the report, or the schema has a
 * table of which nobody has said what is erased there.
 */
export async function eraseChild(erasing: Erasing, deps: EraseDeps): Promise<Result<EraseReport>> {
  const client = await deps.pool.connect();
  const query = queryOver(client);
  try {
    await query('BEGIN');
    await query('SET LOCAL statement_timeout = 0');
    const done = await within(query, erasing, deps);
    await query(done.ok && done.value.erased ? 'COMMIT' : 'ROLLBACK');
    return done;
  } catch (fault) {
    await query('ROLLBACK').catch(() => undefined);
    throw fault;
  } finally {
    client.release();
  }
}

async function within(query: Query, erasing: Erasing, deps: EraseDeps): Promise<Result<EraseReport>> {
  const { patientId, also, confirm } = erasing;
  const known = await everyTableIsKnown(query);
  if (!known.ok) return known;
  if (confirm !== undefined) {
    const alone = await isAlone(query);
    if (!alone.ok) return alone;
  }
  const [there] = await query(`SELECT 1 AS one FROM resource WHERE type = 'Patient' AND id = $1`, [patientId]);
  if (!there) return fail('not-found', 'There is no such Patient.');
  const found = await collect(query, patientId, also);
  const missing = also.find((name) => !found.names.includes(name));
  if (missing !== undefined) return fail('not-found', '--also names a record that is not there.');
  if (found.shared.length > 0)
    return fail(
      'conflict',
      `Other children are in these records too; take the child out of them first: ${some(found.shared)}`,
    );
  deps.say(`${found.names.length} records of the child found; looking for what others say of them`);
  const mentions = await mentionsOf(query, deps.say);
  const names = await namesOf(query);
  const word = wordFor(patientId, names);
  const report = { records: byType(names), mentions, confirm: word };
  if (confirm === undefined) return ok({ ...report, erased: false });
  if (confirm !== word)
    return fail(
      'conflict',
      'That is not the word of the report, or the records have changed since: ask for the report again.',
    );
  if (mentions.current.length > 0 && !erasing.leaveMentions)
    return fail(
      'conflict',
      `These records stay and refer to what goes; change them first, erase them too (--also), or say --leave-mentions: ${some(mentions.current)}`,
    );
  await query(rememberCharts, [deps.now]);
  const rows: Record<string, number> = {};
  for (const [table, where] of erasures) {
    const gone = await query<{ n: string }>(
      `WITH gone AS (DELETE FROM ${table} WHERE ${where} RETURNING 1) SELECT count(*)::text AS n FROM gone`,
    );
    const n = Number(gone[0]?.n ?? 0);
    if (n > 0) rows[table] = n;
  }
  const recorded = await deps.record({ query }, patientId);
  return recorded.ok ? ok({ ...report, erased: true, rows }) : recorded;
}

const rememberCharts = `
  INSERT INTO ehr_erased (site, patient_hash, erased_at)
  SELECT DISTINCT site, encode(sha256(convert_to(site || ' ' || ehr_id, 'UTF8')), 'hex'), $1::timestamptz FROM erased_chart
  ON CONFLICT DO NOTHING`;

async function everyTableIsKnown(query: Query): Promise<Result<void>> {
  const here = (await tablesOf(query)).map(({ name }) => name);
  const said = new Set([...erasures.map(([table]) => table), ...Object.keys(keptTables)]);
  const unsaid = here.find((name) => !said.has(name));
  if (unsaid !== undefined)
    return fail(
      'conflict',
      `Nobody has said what is erased in the table ${unsaid}: nothing is erased before that is known.`,
    );
  const missing = [...said].find((name) => !here.includes(name));
  if (missing === undefined) return ok(undefined);
  return fail('conflict', 'The schema of this database is not up to date: start the server once, and stop it again.');
}

/** What servers remember, and what they are just doing, would outlive the erasure. */
async function isAlone(query: Query): Promise<Result<void>> {
  const others = await query(
    `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'careweave' AND pid <> pg_backend_pid()`,
  );
  if (others.length === 0) return ok(undefined);
  return fail('conflict', 'A server or another command works with this database: stop it before a child is erased.');
}

function wordFor(patientId: string, names: readonly string[]): string {
  return `erase-${createHash('sha256')
    .update([patientId, ...names].join('\n'))
    .digest('hex')
    .slice(0, 8)}`;
}

function byType(names: readonly string[]): Record<string, number> {
  const records: Record<string, number> = {};
  for (const name of names) {
    const type = name.slice(0, name.indexOf('/'));
    records[type] = (records[type] ?? 0) + 1;
  }
  return records;
}

function some(names: readonly string[]): string {
  const more = names.length > 20 ? ` and ${names.length - 20} others` : '';
  return `${names.slice(0, 20).join(', ')}${more}.`;
}
