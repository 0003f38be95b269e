import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { fail, ok, type Result } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import type { Logger } from '../base/log.ts';
import { connectOrStart, startEmbedded } from './embedded/embedded.ts';
import { errorCode } from './error-code.ts';

/** An open database: the pool every part shares, and how to let go of it. */
export interface Database {
  pool: pg.Pool;
  kind: 'embedded' | 'external';
  /** Closes the pool; stops the embedded PostgreSQL when this process started it. */
  stop(): Promise<void>;
}

export interface DatabaseOptions {
  dataDir: string;
  /** An external PostgreSQL (15 or newer) in place of the embedded one. */
  databaseUrl?: string;
  /** Commands beside a running server: use the server's database instead of answering `conflict`. */
  share?: boolean;
  log: Logger;
}

const oldestServer = 150_000;

function makePool(config: pg.PoolConfig, log: Logger): pg.Pool {
  const pool = new pg.Pool({
    max: limits.database.poolSize,
    // So many stay open when nothing is asked: each would set and clear a timer with every statement.
    min: limits.database.poolKept,
    connectionTimeoutMillis: limits.database.startMs,
    application_name: 'careweave',
    statement_timeout: limits.database.statementMs,
    ...config,
  });
  // Without a listener an idle connection that breaks would end the process. The pool replaces it by itself.
  pool.on('error', (error) => {
    // At the end the database may be faster than the good-bye of its connections.
    if (!pool.ending) log.warn({ code: errorCode(error) }, 'idle connection lost');
  });
  // One that is cut in the moment in which it is handed over, before whoever asked for it listens: what is asked of it next fails, and that is told.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

const notAnAddress = (cause?: unknown) =>
  fail(
    'invalid',
    'DATABASE_URL is not a PostgreSQL address: write it as postgresql://user:password@host:port/database.',
    { cause },
  );

async function openExternal(url: string, log: Logger): Promise<Result<Database>> {
  // The text never repeats the address: it may hold a password.
  if (!/^postgres(ql)?:\/\//.test(url)) return notAnAddress();
  let pool: pg.Pool;
  try {
    pool = makePool({ connectionString: url, connectionTimeoutMillis: limits.outbound.connectMs }, log);
  } catch (cause) {
    return notAnAddress(cause);
  }
  try {
    const { rows } = await pool.query<{ server_version_num: string }>('SHOW server_version_num');
    if (Number(rows[0]?.server_version_num) >= oldestServer) {
      return ok({ pool, kind: 'external', stop: () => pool.end() });
    }
    await pool.end();
    return fail('invalid', 'DATABASE_URL leads to a PostgreSQL that is too old: use version 15 or newer.');
  } catch (cause) {
    await pool.end();
    if (errorCode(cause) === 'ERR_INVALID_URL') return notAnAddress(cause);
    const code = errorCode(cause) && ` (${errorCode(cause)})`;
    return fail(
      'invalid',
      `The database of DATABASE_URL cannot be reached${code}: check that it runs and that host, port, database, user and password are right.`,
      { cause },
    );
  }
}

/**
 * Opens the database. Errors: `conflict` (data directory in use), `invalid` (wrong or unreachable DATABASE_URL, unusable
 * directory), `internal` (PostgreSQL does not start). Each text is one sentence that says what to do.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Result<Database>> {
  const { dataDir, databaseUrl, share = false, log } = options;
  if (databaseUrl !== undefined && databaseUrl !== '') return openExternal(databaseUrl, log);
  const embedded = await (share ? connectOrStart(dataDir) : startEmbedded(dataDir));
  if (!embedded.ok) return embedded;
  const pool = makePool({ ...embedded.value.connection, database: 'postgres' }, log);
  const stop = async () => {
    // A statement that never ends must not keep the server from ending: PostgreSQL's fast shutdown cuts it.
    await Promise.race([pool.end(), delay(limits.http.drainMs, undefined, { ref: false })]);
    await embedded.value.stop();
  };
  return ok({ pool, kind: 'embedded', stop });
}
