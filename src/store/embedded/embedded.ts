import { mkdirSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { chooseAccount } from './account.ts';
import { findBinaries } from './binaries.ts';
import { type Cluster, databaseUser, initialize, start, wasStillGoing } from './cluster.ts';
import { livingOwner, lockDirectory } from './lock.ts';
import { readPostmaster, stopPostmaster } from './postmaster.ts';
import { socketDirectory } from './socket.ts';
import { forgetZombie } from './zombie.ts';

/** A running embedded PostgreSQL. */
export interface Embedded {
  connection: { host: string; port: number; user: string };
  /** Fast shutdown, and waits for it. Leaves the database running when another process owns it. */
  stop(): Promise<void>;
}

const clusterOf = (dataDir: string) => path.join(dataDir, 'postgres');

function prepareDirectory(dataDir: string): Result<string> {
  try {
    mkdirSync(dataDir, { recursive: true });
    return ok(realpathSync(dataDir));
  } catch (cause) {
    return fail('invalid', `The data directory ${dataDir} cannot be made or read: set DATA_DIR to one that can.`, {
      cause,
    });
  }
}

async function startAgain(cluster: Cluster, sockets: string): Promise<Result<{ pid: number }>> {
  const first = await start(cluster, sockets);
  for (let attempt = 0; attempt < 20; attempt++) {
    if (first.ok || !wasStillGoing(cluster)) return first;
    await delay(250);
    const next = await start(cluster, sockets);
    if (next.ok) return next;
  }
  return first;
}

async function startLocked(dataDir: string, durable: boolean): Promise<Result<Embedded>> {
  const binaries = await findBinaries();
  if (!binaries.ok) return binaries;
  const account = chooseAccount([dataDir, binaries.value.postgres]);
  if (!account.ok) return account;
  const clusterDir = clusterOf(dataDir);
  const logFile = path.join(dataDir, 'postgres.log');
  const cluster: Cluster = { dataDir, clusterDir, logFile, binaries: binaries.value, account: account.value, durable };
  // Our own process may have been killed while its database lived on.
  if (!(await stopPostmaster(clusterDir, limits.http.drainMs))) {
    return fail(
      'conflict',
      `A PostgreSQL on ${clusterDir} does not stop: stop it by hand, or set DATA_DIR to another directory.`,
    );
  }
  await forgetZombie(clusterDir, limits.http.drainMs);
  const made = await initialize(cluster);
  if (!made.ok) return made;
  const sockets = socketDirectory(dataDir, account.value);
  if (!sockets.ok) return sockets;
  const started = await startAgain(cluster, sockets.value);
  if (!started.ok) return started;
  return ok({
    connection: { host: sockets.value, port: 5432, user: databaseUser },
    stop: async () => {
      await stopPostmaster(clusterDir, limits.http.drainMs);
    },
  });
}

/** Starts the database of a data directory, making it when there is none. A living owner is a `conflict`. */
export async function startEmbedded(dataDir: string, options: { durable?: boolean } = {}): Promise<Result<Embedded>> {
  const directory = prepareDirectory(dataDir);
  if (!directory.ok) return directory;
  try {
    const lock = lockDirectory(directory.value);
    if (!lock.ok) return lock;
    const started = await startLocked(directory.value, options.durable ?? true);
    if (!started.ok) {
      lock.value.release();
      return started;
    }
    const stop = async () => {
      await started.value.stop();
      lock.value.release();
    };
    return ok({ ...started.value, stop });
  } catch (cause) {
    return fail('invalid', `The data directory ${dataDir} cannot be used by this user: set DATA_DIR to one that can.`, {
      cause,
    });
  }
}

/** For a command beside a running server: uses the server's database when it runs, else starts it for the time being. */
export async function connectOrStart(dataDir: string, options: { durable?: boolean } = {}): Promise<Result<Embedded>> {
  const directory = prepareDirectory(dataDir);
  if (!directory.ok) return directory;
  const end = performance.now() + limits.database.startMs;
  while (livingOwner(directory.value) !== undefined && performance.now() < end) {
    const found = readPostmaster(clusterOf(directory.value));
    if (found?.ready) {
      const connection = { host: found.socketDirectory, port: found.port, user: databaseUser };
      return ok({ connection, stop: async () => {} });
    }
    await delay(20);
  }
  return startEmbedded(directory.value, options);
}
