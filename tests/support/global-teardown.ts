import { rmSync } from 'node:fs';
import path from 'node:path';
import { findLeaks, personalTexts } from './leaks.ts';
import { running } from './running.ts';
import { logsVariable } from './test-log.ts';

/** Stops the PostgreSQL of the run and removes its directory. */
export default async function tearDown(): Promise<void> {
  for (const { directory, stop } of running.splice(0)) {
    await stop();
    rmSync(directory, { recursive: true, force: true });
  }
  lookForLeaks();
}

/** TH-61: nothing about a person, and no secret, in any line that a server of the run has logged. A run that finds one has failed. */
function lookForLeaks(): void {
  const logs = process.env[logsVariable];
  if (logs === undefined) return;
  const leaks = findLeaks(logs, personalTexts(path.join(import.meta.dirname, '..', '..', 'fixtures')));
  rmSync(logs, { recursive: true, force: true });
  if (leaks.length > 0) throw new Error(`Logged, and must not be (TH-61):\n${leaks.slice(0, 20).join('\n')}`);
}
