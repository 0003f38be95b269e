import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readPostmaster } from './postmaster.ts';
import { isZombie } from './process.ts';

/** How many processes are attached to a shared memory segment; undefined where the system does not tell. */
function attached(segment: string): number | undefined {
  try {
    const rows = readFileSync('/proc/sysvipc/shm', 'utf8').split('\n').slice(1);
    const row = rows.map((line) => line.trim().split(/\s+/)).find((columns) => columns[1] === segment);
    return row ? Number(row[6]) : 0;
  } catch {
    return undefined;
  }
}

/**
 * A killed PostgreSQL whose parent never asks for its exit status (a container without an init) keeps its process id for ever, and
 * the next one takes it for alive. Its lock files are removed, but only once no process is attached to its shared memory any more:
 * two servers on one directory would destroy it.
 */
export async function forgetZombie(clusterDir: string, timeoutMs: number): Promise<void> {
  const found = readPostmaster(clusterDir);
  if (!found || !isZombie(found.pid) || found.segment === undefined) return;
  const end = performance.now() + timeoutMs;
  while (attached(found.segment) !== 0) {
    if (performance.now() > end) return;
    await delay(10);
  }
  rmSync(path.join(found.socketDirectory, `.s.PGSQL.${found.port}.lock`), { force: true });
  rmSync(path.join(clusterDir, 'postmaster.pid'), { force: true });
}
