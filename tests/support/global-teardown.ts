import { rmSync } from 'node:fs';
import { running } from './running.ts';

/** Stops the PostgreSQL of the run and removes its directory. */
export default async function tearDown(): Promise<void> {
  for (const { directory, stop } of running.splice(0)) {
    await stop();
    rmSync(directory, { recursive: true, force: true });
  }
}
