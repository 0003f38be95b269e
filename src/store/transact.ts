import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { fail, type Result } from '../base/errors.ts';
import { busyOrThrow } from './busy.ts';
import { foundJobsStatement, jobStatements } from './enqueue.ts';
import { errorCode } from './error-code.ts';
import { hash64 } from './hash.ts';
import type { StoreParts } from './parts.ts';
import { createReader } from './reader.ts';
import { holdGeneration, outdatedCode } from './search-parameters/catalog.ts';
import type { CommitWhole } from './session/commits.ts';
import type { Keys } from './session/keys.ts';
import { isPassing } from './session/passing.ts';
import type { Statement } from './session/pipeline.ts';
import { type Doubts, type Presumed, presumedCode, presumedStatements } from './session/presumed.ts';
import { openSession, type Session } from './session/session.ts';
import type { Actor, Change, NewJob, Tx } from './types.ts';
import { runConclusions, type WriteContext } from './write/context.ts';
import { create } from './write/create.ts';
import { remove } from './write/delete.ts';
import { createHeldRows } from './write/held-rows.ts';
import type { Rules } from './write/rules.ts';
import { seesWritten } from './write/sees-written.ts';
import { update } from './write/update.ts';
import { createWaiting, type Waiting } from './write/waiting.ts';

/** Deadlocks and serialization faults are tried again this often. */
const retries = 5;

/** What all transactions of a store share. */
export interface TransactParts {
  pool: pg.Pool;
  parts: StoreParts;
  rules: Rules;
  keys: Keys;
  commitWhole: CommitWhole;
  /** What is not presumed any more. */
  doubts: Doubts;
  /** Tells the workers that jobs were queued. */
  notify: () => void;
}

/** Statements of rooms are constants, each prepared once per connection. */
const ownName = (text: string) => `own${hash64(text)}`;

/** What a transaction does together with its commit. */
interface AtEnd {
  ending: Statement[];
  jobs: NewJob[];
  presumed: Presumed[];
}

function createContext(
  session: Session,
  waiting: Waiting,
  { parts, rules, doubts }: TransactParts,
  actor: Actor,
  { ending, jobs, presumed }: AtEnd,
): WriteContext {
  const reader = createReader(session.query, parts);
  const held = createHeldRows(session);
  // What the transaction has written is known, so a single record that is not is asked for without sending first what waits.
  const beside = createReader(session.aside, parts);
  const names = new Set<string>();
  const changes: Change[] = [];
  const tx: Tx = {
    ...reader,
    actor,
    changes,
    read: (type, id) => {
      const known = held.known(type, id);
      return known ? Promise.resolve(known.stored) : beside.read(type, id);
    },
    sees: (visibility, stored) => {
      const made = context.indexes.get(stored);
      const seen = made && seesWritten(parts, visibility, stored, made);
      return seen === undefined ? reader.sees(visibility, stored) : Promise.resolve(seen);
    },
    create: (resource, { id, isNew } = {}) => create(context, resource, { ...(id !== undefined && { id, isNew }) }),
    update: (resource, options) => update(context, resource, options),
    delete: (type, id, options) => remove(context, type, id, options),
    hold: (references) => held.hold(references),
    lock: async (...wanted) => {
      const missing = wanted.map((name) => hash64(name)).filter((name) => !names.has(name));
      for (const name of missing) names.add(name);
      if (missing.length > 0)
        await session.aside('SELECT pg_advisory_xact_lock(n) FROM unnest($1::bigint[]) AS n', [missing.sort()], 'lock');
    },
    presumesNone: (presumption, keys) => {
      if (keys.some((key) => doubts.has(presumption, key))) return false;
      if (keys.length > 0) presumed.push({ presumption, keys });
      return true;
    },
    own: { query: (text, values) => session.aside(text, values, ownName(text)) },
    atEnd: (text, values, { isList = false } = {}) => {
      ending.push({ text, values, name: ownName(text), isList });
    },
    enqueue: async (job) => {
      jobs.push(job);
    },
    enqueueFound: (text, values) => {
      ending.push(foundJobsStatement(text, values, parts.clock.now()));
    },
  };
  const context: WriteContext = { tx, session, waiting, held, indexes: new WeakMap(), parts, rules, changes };
  return context;
}

async function attempt<T>(
  connect: () => Promise<pg.PoolClient>,
  shared: TransactParts,
  actor: Actor,
  work: (tx: Tx) => Promise<Result<T>>,
): Promise<Result<T>> {
  const { parts, keys, commitWhole, doubts, notify } = shared;
  await parts.ready?.();
  const waiting = createWaiting(keys);
  // The generation that is known now: what is indexed from here on is indexed by it.
  const opening = parts.catalog ? [holdGeneration(parts.catalog.generation())] : [];
  const session = openSession(connect, { opening, takeWaiting: waiting.take });
  const atEnd: AtEnd = { ending: [], jobs: [], presumed: [] };
  try {
    const context = createContext(session, waiting, shared, actor, atEnd);
    const worked = await work(context.tx);
    const concluded = worked.ok ? await runConclusions(context) : worked;
    const answer = concluded.ok ? worked : concluded;
    if (!answer.ok) {
      // Who finds what was presumed not to be there may be refused for that, and sooner.
      for (const { text, values, name } of presumedStatements(atEnd.presumed)) await session.aside(text, values, name);
      await session.rollBack();
      return answer;
    }
    const { ending, jobs, presumed } = atEnd;
    const first = presumedStatements(presumed);
    await session.commit({ first, last: [...ending, ...jobStatements(jobs, parts.clock.now())] }, () =>
      commitWhole({ opening, presumed, rows: waiting.takeNew(), ending, jobs }),
    );
    if (atEnd.jobs.length > 0) notify();
    return answer;
  } catch (error) {
    if (errorCode(error) === presumedCode) doubts.add(atEnd.presumed);
    throw error;
  } finally {
    await session.end();
  }
}

/** Runs `work` in one transaction; see `Store.transact`. Error `busy`: the database cannot serve now. Other faults are thrown. */
export async function transact<T>(
  shared: TransactParts,
  actor: Actor,
  work: (tx: Tx) => Promise<Result<T>>,
): Promise<Result<T>> {
  const { pool, parts } = shared;
  for (let tried = 1; ; tried++) {
    const held: { client?: pg.PoolClient } = {};
    let broken = false;
    let isOutdated = false;
    const markBroken = () => {
      broken = true;
    };
    // Only when the database is asked something: most that writes new resources alone is committed together with others.
    const connect = async () => {
      if (held.client) return held.client;
      held.client = await pool.connect();
      // A connection that is cut between two statements says so here; unheard, that would end the process.
      held.client.on('error', markBroken);
      return held.client;
    };
    try {
      return await attempt(connect, shared, actor, work);
    } catch (error) {
      const code = errorCode(error);
      // A connection whose transaction cannot be ended is not given to the next one.
      await held.client?.query('ROLLBACK').catch(markBroken);
      isOutdated = code === outdatedCode;
      const again = isPassing(error) || isOutdated || code === presumedCode;
      if (again && tried > retries)
        return fail('busy', 'The record is being changed by many at once. Try again.', {
          code: 'transient',
          cause: error,
          retryAfterSeconds: 1,
        });
      if (!again) return busyOrThrow(error);
      parts.log.info({ code, tried }, 'transaction tried again');
      if (code === presumedCode) continue;
    } finally {
      held.client?.off('error', markBroken);
      held.client?.release(broken);
    }
    // Over a connection of the pool: not while this one is held, as all the others may wait for one too.
    if (isOutdated) await parts.catalog?.refresh();
    await delay((0.5 + Math.random()) * 15 * 2 ** tried);
  }
}
