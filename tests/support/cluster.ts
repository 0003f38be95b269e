import { readdirSync, rmSync, statfsSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { livingOwner } from '../../src/store/embedded/lock.ts';
import { stopPostmaster } from '../../src/store/embedded/postmaster.ts';

/** Where the workers of a test run find the one PostgreSQL that the run has started. */
export interface TestCluster {
  host: string;
  port: number;
  user: string;
}

export const clusterVariable = 'CAREWEAVE_TEST_CLUSTER';
export const templateName = 'careweave_template';

/** In memory where there is room: making a database then takes 15 ms and not 500. */
function fastDirectory(): string {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm');
    return bavail * bsize > 2 * 1024 ** 3 ? '/dev/shm' : os.tmpdir();
  } catch {
    return os.tmpdir();
  }
}

const root = fastDirectory();
export const directoryPrefix = path.join(root, 'careweave-test-');

export function adminPool(cluster: TestCluster, database: string, max = 1): pg.Pool {
  const pool = new pg.Pool({ ...cluster, database, max });
  // Dropping a database at the end of a test cuts its connections.
  pool.on('error', () => {});
  return pool;
}

/** Removes what runs that were killed have left behind. */
export async function sweep(): Promise<void> {
  for (const name of readdirSync(root)) {
    const directory = path.join(root, name);
    if (!directory.startsWith(directoryPrefix) || livingOwner(directory) !== undefined) continue;
    try {
      // A run that has just made its directory has not locked it yet.
      if (Date.now() - statSync(directory).mtimeMs < 60_000) continue;
      await stopPostmaster(path.join(directory, 'postgres'), 5000);
      rmSync(directory, { recursive: true, force: true });
    } catch {
      // Another user's, or another run sweeps it at this moment.
    }
  }
}
