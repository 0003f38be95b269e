import { readFileSync } from 'node:fs';
import path from 'node:path';
import { hasArgument, isAlive, waitForExit } from './process.ts';

/** What a running PostgreSQL writes about itself. Source: PostgreSQL, src/include/utils/pidfile.h. */
export interface Postmaster {
  pid: number;
  port: number;
  socketDirectory: string;
  ready: boolean;
  /** Id of its shared memory segment. */
  segment?: string;
}

/** Reads postmaster.pid; undefined when it is absent or not complete yet. */
export function readPostmaster(clusterDir: string): Postmaster | undefined {
  let lines: string[];
  try {
    lines = readFileSync(path.join(clusterDir, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return undefined;
  }
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 1) return undefined;
  const segment = lines[6]?.trim().split(/\s+/)[1];
  const ready = lines[7]?.trim() === 'ready';
  return { pid, port: Number(lines[3]), socketDirectory: lines[4] ?? '', ready, segment };
}

/** True when the process is a PostgreSQL on this very directory, not another process that got the same id later. */
function serves(pid: number, clusterDir: string): boolean {
  return isAlive(pid) && hasArgument(pid, clusterDir);
}

/** Stops whatever PostgreSQL still runs on the directory: fast first (open transactions are rolled back), then at once. */
export async function stopPostmaster(clusterDir: string, timeoutMs: number): Promise<boolean> {
  const found = readPostmaster(clusterDir);
  if (!found || !serves(found.pid, clusterDir)) return true;
  const signals: NodeJS.Signals[] = ['SIGINT', 'SIGQUIT', 'SIGKILL'];
  for (const signal of signals) {
    try {
      process.kill(found.pid, signal);
    } catch {
      return !serves(found.pid, clusterDir);
    }
    if (await waitForExit(found.pid, timeoutMs)) return true;
  }
  return false;
}
