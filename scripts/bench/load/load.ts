import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { LoadJob, LoadResult } from './job.ts';

/** Runs one load in a process of its own and answers what it measured. */
export function load(job: LoadJob): Promise<LoadResult> {
  const child = fork(join(import.meta.dirname, 'generator.ts'), [], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the load generator ended early (${code})`)));
    child.once('message', (result: LoadResult) => {
      child.removeAllListeners('exit');
      child.disconnect();
      resolve(result);
    });
    child.send(job);
  });
}
