import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLogger, type Logger } from '../../src/base/log.ts';

/** Where the servers of a test run write what they log; the tear-down reads all of it. */
export const logsVariable = 'TEST_LOGS_DIR';

/** The log of a server in a test: everything, down to the least line, into a file of the run. Opened for each line, so that none stays open. */
export function testLogger(): Logger {
  const directory = process.env[logsVariable];
  if (directory === undefined) return createLogger('silent');
  const file = join(directory, `${process.pid}-${randomUUID()}.log`);
  return createLogger('trace', { write: (line) => appendFileSync(file, line) });
}
