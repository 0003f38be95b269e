import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Account } from './account.ts';
import type { Binaries } from './binaries.ts';
import { memorySettings } from './memory.ts';
import { readPostmaster } from './postmaster.ts';

export interface Cluster {
  dataDir: string;
  clusterDir: string;
  logFile: string;
  binaries: Binaries;
  account: Account;
  /** False only for throw-away databases of tests: a crash of the machine may lose everything. */
  durable: boolean;
}

/** The name every connection uses. Trust is safe here: only the owner of the 0700 socket directory can connect. */
export const databaseUser = 'careweave';

function run(cluster: Cluster, program: string, args: string[]): ChildProcess {
  const { file, args: all, ...identity } = cluster.account.command(program, args);
  const log = openSync(cluster.logFile, 'a', 0o600);
  try {
    // `detached` gives it a process group of its own, so that Ctrl-C in the terminal reaches us and not the database.
    return spawn(file, all, {
      ...identity,
      cwd: '/',
      detached: true,
      stdio: ['ignore', log, log],
      env: { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin' },
    });
  } finally {
    closeSync(log);
  }
}

const exitOf = (child: ChildProcess) =>
  new Promise<number>((resolve) => {
    child.once('error', () => resolve(-1));
    child.once('exit', (code) => resolve(code ?? -1));
  });

/** Makes the cluster when there is none: in a sibling directory that is renamed when complete, so that nothing is ever half made. */
export async function initialize(cluster: Cluster): Promise<Result<void>> {
  if (existsSync(path.join(cluster.clusterDir, 'PG_VERSION'))) return ok(undefined);
  for (const name of readdirSync(cluster.dataDir)) {
    if (name.startsWith('postgres.new-')) rmSync(path.join(cluster.dataDir, name), { recursive: true, force: true });
  }
  const draft = path.join(cluster.dataDir, `postgres.new-${process.pid}`);
  mkdirSync(draft, { mode: 0o700 });
  cluster.account.own(draft);
  const args = ['-D', draft, '-U', databaseUser, '-A', 'trust', '-E', 'UTF8', '--locale=C'];
  args.push('--no-instructions', ...(cluster.durable ? [] : ['--no-sync']));
  const code = await exitOf(run(cluster, cluster.binaries.initdb, args));
  if (code !== 0) {
    rmSync(draft, { recursive: true, force: true });
    return fail('internal', `The embedded PostgreSQL could not be set up: ${cluster.logFile} says why.`);
  }
  renameSync(draft, cluster.clusterDir);
  return ok(undefined);
}

function settings(cluster: Cluster, socketDirectory: string): string[] {
  // Throw-away databases are many at a time, and small.
  const memory = memorySettings(cluster.durable ? undefined : 0);
  const values: Record<string, string> = {
    listen_addresses: '',
    unix_socket_directories: `"${socketDirectory.replaceAll('"', '""')}"`,
    unix_socket_permissions: '0700',
    max_connections: '50',
    shared_buffers: `${memory.sharedBuffers}MB`,
    effective_cache_size: `${memory.effectiveCacheSize}MB`,
    work_mem: `${memory.workMem}MB`,
    maintenance_work_mem: `${memory.maintenanceWorkMem}MB`,
    // Many short questions at once: a second process for one of them would take the processor from another.
    max_parallel_workers_per_gather: '0',
    synchronous_commit: cluster.durable ? 'on' : 'off',
    fsync: cluster.durable ? 'on' : 'off',
    full_page_writes: cluster.durable ? 'on' : 'off',
    // One server: no replicas to feed. A larger ring means fewer checkpoints and so fewer full page images.
    wal_level: 'minimal',
    max_wal_senders: '0',
    wal_compression: 'on',
    max_wal_size: '2GB',
    checkpoint_timeout: '15min',
    random_page_cost: '1.1',
    jit: 'off',
    // Lock waits are short here, so a deadlock is soon worth looking for (and is then tried again).
    deadlock_timeout: '100ms',
    timezone: 'UTC',
    log_timezone: 'UTC',
    // Statements carry people's data; the log must not.
    log_statement: 'none',
    log_min_error_statement: 'panic',
    log_min_messages: 'fatal',
    log_error_verbosity: 'terse',
    log_parameter_max_length: '0',
    log_parameter_max_length_on_error: '0',
  };
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** Starts PostgreSQL and waits until it takes connections; crash recovery, if any, happens in here. */
export async function start(cluster: Cluster, socketDirectory: string): Promise<Result<{ pid: number }>> {
  const args = ['-D', cluster.clusterDir, ...settings(cluster, socketDirectory)];
  const child = run(cluster, cluster.binaries.postgres, args);
  let exited = false;
  exitOf(child).then(() => {
    exited = true;
  });
  child.unref();
  const end = performance.now() + limits.database.startMs;
  while (!exited && performance.now() < end) {
    const found = readPostmaster(cluster.clusterDir);
    if (found?.ready && found.pid === child.pid) return ok({ pid: found.pid });
    await delay(5);
  }
  if (!exited) child.kill('SIGQUIT');
  return fail('internal', `The embedded PostgreSQL did not start: ${cluster.logFile} says why.`);
}

/** True when the last start failed because processes of a killed PostgreSQL were still going away. */
export function wasStillGoing(cluster: Cluster): boolean {
  const log = readFileSync(cluster.logFile, 'utf8').slice(-2000);
  return /shared memory block .* is still in use|lock file .* already exists/.test(log);
}
