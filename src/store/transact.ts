import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { type Err, fail, type Result } from '../base/errors.ts';
import { enqueueJobs, jobChannel } from './enqueue.ts';
import { errorCode } from './error-code.ts';
import { hash64 } from './hash.ts';
import type { StoreParts } from './parts.ts';
import { createReader } from './reader.ts';
import type { Query } from './rows.ts';
import { serialQuery } from './serial-query.ts';
import type { Actor, NewJob, Tx } from './types.ts';
import { runConclusions, type WriteContext } from './write/context.ts';
import { create } from './write/create.ts';
import { remove } from './write/delete.ts';
import { update } from './write/update.ts';

/** Deadlocks and serialization faults are tried again this often. */
const retries = 5;

/** The database is away, full, or took too long: the caller may try again. Source: PostgreSQL, appendix A, error codes. */
function isBusy(code: string): boolean {
  return /^(08|53|57)/.test(code) || ['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EPIPE'].includes(code);
}

/** The answer to a fault that will pass; any other one is thrown on. */
export function busyOrThrow(error: unknown): Err {
  if (!isBusy(errorCode(error))) throw error;
  return fail('busy', 'The database cannot serve this now. Try again.', { cause: error, retryAfterSeconds: 2 });
}

function createContext(query: Query, parts: StoreParts, actor: Actor, jobs: NewJob[]): WriteContext {
  const tx: Tx = {
    ...createReader(query, parts),
    actor,
    create: (resource, options) => create(context, resource, options?.id === undefined ? {} : { id: options.id }),
    update: (resource, options) => update(context, resource, options),
    delete: (type, id, options) => remove(context, type, id, options),
    lock: async (name) => {
      await query('SELECT pg_advisory_xact_lock($1)', [hash64(name)], 'lock');
    },
    enqueue: async (job) => {
      jobs.push(job);
    },
  };
  const context: WriteContext = { tx, query, parts, changes: [] };
  return context;
}

async function attempt<T>(
  client: pg.PoolClient,
  parts: StoreParts,
  actor: Actor,
  work: (tx: Tx) => Promise<Result<T>>,
): Promise<Result<T>> {
  const { query, end } = serialQuery(client);
  const jobs: NewJob[] = [];
  try {
    await query('BEGIN');
    const context = createContext(query, parts, actor, jobs);
    const worked = await work(context.tx);
    const concluded = worked.ok ? await runConclusions(context) : worked;
    const answer = concluded.ok ? worked : concluded;
    if (answer.ok) await enqueueJobs(query, jobs, parts.clock.now());
    await end();
    const { command } = await client.query(answer.ok ? 'COMMIT' : 'ROLLBACK');
    // A fault that a room swallowed leaves the transaction broken, and PostgreSQL answers COMMIT with ROLLBACK.
    if (answer.ok && command !== 'COMMIT') throw new Error('the transaction was broken before its end');
    // After the commit: inside, every commit of the house would wait for the one notification lock.
    if (answer.ok && jobs.length > 0) await client.query(`NOTIFY ${jobChannel}`).catch(() => undefined);
    return answer;
  } finally {
    await end();
  }
}

/** Runs `work` in one transaction; see `Store.transact`. Error `busy`: the database cannot serve now. Other faults are thrown. */
export async function transact<T>(
  pool: pg.Pool,
  parts: StoreParts,
  actor: Actor,
  work: (tx: Tx) => Promise<Result<T>>,
): Promise<Result<T>> {
  for (let tried = 1; ; tried++) {
    let client: pg.PoolClient | undefined;
    let broken = false;
    const markBroken = () => {
      broken = true;
    };
    try {
      client = await pool.connect();
      // A connection that is cut between two statements says so here; unheard, that would end the process.
      client.on('error', markBroken);
      return await attempt(client, parts, actor, work);
    } catch (error) {
      const code = errorCode(error);
      // A connection whose transaction cannot be ended is not given to the next one.
      await client?.query('ROLLBACK').catch(markBroken);
      const again = code === '40001' || code === '40P01';
      if (again && tried > retries)
        return fail('busy', 'The record is being changed by many at once. Try again.', { cause: error });
      if (!again) return busyOrThrow(error);
      parts.log.info({ code, tried }, 'transaction tried again');
    } finally {
      client?.off('error', markBroken);
      client?.release(broken);
    }
    await delay((0.5 + Math.random()) * 15 * 2 ** tried);
  }
}
