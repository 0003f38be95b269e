import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

export interface ChangedChild {
  processorMs: number;
  elapsedMs: number;
  rows: number;
}

/**
 * All measures for one changed child of a running server's database, as the job does it: its record read, every measure evaluated, all rows kept. By
 * processor time, and by the clock. In a process of its own that does only this, as a server does: this one has cql-execution and
 * a thousand children in memory, and collecting such garbage is no part of it.
 */
export function changedChild(dataDir: string): ChangedChild {
  const file = join(import.meta.dirname, 'changed-child-main.ts');
  const args = ['--disable-warning=ExperimentalWarning', file, dataDir];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }));
}
