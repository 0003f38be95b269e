import type pg from 'pg';
import { fail, ok, type Result } from '../../base/errors.ts';
import { indexVersion } from '../index-version.ts';
import type { StoreParts } from '../parts.ts';
import type { Query } from '../rows.ts';
import { keepServerSetting, serverSetting } from '../settings.ts';
import { indexed, readStretch, writeIndex } from './rewrite.ts';

const versionSetting = 'index-version';
const progressSetting = 'index-progress';
/** Any number will do, so long as every Careweave uses the same. */
const lockNumber = 7_262_025_002;

/** How far an interrupted run came. */
interface Progress {
  version: number;
  after: string;
}

export interface ReindexOptions {
  pool: pg.Pool;
  parts: Pick<StoreParts, 'extract'>;
  /** A command beside the server: it never does this work, and does not run on an index that answers wrongly either. */
  share: boolean;
  /** True once nobody waits any more: the work stops behind the stretch that is being written. */
  stopping?: () => boolean;
  /** A line for whoever waits. */
  say: (line: string) => void;
}

/**
 * Writes the index of every resource anew when the database's was formed in another way (`indexVersion`); at once when it was not, or
 * when there is no resource. Wrong answers are worse than late ones, so it is awaited before the server is ready. Goes on where a
 * run that was killed has stopped. Errors: `conflict` with `share`, when there is something to do; `busy` when it was `stopping`.
 */
export async function bringIndexUpToDate(options: ReindexOptions): Promise<Result<void>> {
  const { pool, share } = options;
  const client = await pool.connect();
  const query = queryOver(client);
  try {
    if (await isCurrent(query)) return ok(undefined);
    if (share)
      return fail(
        'conflict',
        'The search index is of another version of Careweave and has to be written anew: start the server, wait until it is ready, and repeat the command.',
      );
    await query('SET statement_timeout = 0');
    await query('SELECT pg_advisory_lock($1)', [lockNumber]);
    try {
      // Another server may have done it while we waited.
      return (await isCurrent(query)) ? ok(undefined) : await rebuild(query, options);
    } finally {
      await query('SELECT pg_advisory_unlock($1)', [lockNumber]);
    }
  } finally {
    await query('RESET statement_timeout').catch(() => undefined);
    client.release();
  }
}

async function isCurrent(query: Query): Promise<boolean> {
  if ((await serverSetting({ query }, versionSetting)) === indexVersion) return true;
  const [row] = await query<{ some: boolean }>('SELECT EXISTS (SELECT FROM resource) AS some');
  if (row?.some) return false;
  await keepServerSetting({ query }, versionSetting, indexVersion);
  return true;
}

/** All resources in the order of their keys. While the database writes one stretch, the next one is worked out. */
async function rebuild(query: Query, { pool, parts, stopping, say }: ReindexOptions): Promise<Result<void>> {
  const kept = (await serverSetting({ query }, progressSetting)) as Progress | undefined;
  const from = kept?.version === indexVersion ? kept.after : '0';
  const report = await reporter(query, from, say);
  const reader = await pool.connect();
  try {
    const prepare = async (after: string) => indexed(parts, await readStretch(queryOver(reader), after));
    let ready = await prepare(from);
    while (ready.length > 0) {
      if (stopping?.()) return fail('busy', 'The search index is being written anew; the next start goes on with it.');
      const after = ready.at(-1)?.key ?? from;
      const writing = writeStretch(query, ready, { version: indexVersion, after });
      // Both are awaited even when one fails: a statement must not run on behind our back.
      const [written, next] = await Promise.allSettled([writing, prepare(after)]);
      if (written.status === 'rejected') throw written.reason;
      if (next.status === 'rejected') throw next.reason;
      report(ready.length);
      ready = next.value;
    }
  } finally {
    reader.release();
  }
  // The tables were filled behind the planner's back.
  await query('ANALYZE resource, resource_string, resource_date, resource_number, resource_patient');
  await keepServerSetting({ query }, versionSetting, indexVersion);
  await query('DELETE FROM server_setting WHERE name = $1', [progressSetting]);
  return ok(undefined);
}

async function writeStretch(query: Query, rows: Parameters<typeof writeIndex>[1], progress: Progress): Promise<void> {
  await query('BEGIN');
  try {
    await writeIndex(query, rows);
    await keepServerSetting({ query }, progressSetting, progress);
    await query('COMMIT');
  } catch (fault) {
    await query('ROLLBACK').catch(() => undefined);
    throw fault;
  }
}

/** Says how far it is: at once, at every further per cent, and at the end. */
async function reporter(query: Query, from: string, say: ReindexOptions['say']): Promise<(more: number) => void> {
  const [row] = await query<{ all: number; left: number }>(
    'SELECT count(*)::integer AS all, (count(*) FILTER (WHERE key > $1))::integer AS left FROM resource',
    [from],
  );
  const all = row?.all ?? 0;
  const start = all - (row?.left ?? 0);
  const began = performance.now();
  let done = start;
  let shown = all === 0 ? 0 : Math.floor((100 * done) / all);
  say(`The search index is written anew: ${done} of ${all} resources (${shown} %).`);
  return (more) => {
    done += more;
    const percent = Math.floor((100 * done) / Math.max(done, all));
    if (percent === shown) return;
    shown = percent;
    const perSecond = Math.round((1000 * (done - start)) / (performance.now() - began));
    say(`The search index is written anew: ${done} of ${all} resources (${percent} %), ${perSecond} a second.`);
  };
}

function queryOver(client: pg.PoolClient): Query {
  return async <Row extends object>(text: string, values: readonly unknown[] = [], name?: string) => {
    const { rows } = await client.query<Row>({ text, values: [...values], ...(name && { name }) });
    return rows;
  };
}
