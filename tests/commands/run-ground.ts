import { join } from 'node:path';
import { createSteadyClock } from '../../src/base/clock.ts';
import { backupCommands } from '../../src/commands/backup.ts';
import { eraseCommand } from '../../src/commands/erase.ts';
import { findCommand, readInput } from '../../src/ops/command-line.ts';
import { createLifetime } from '../../src/ops/lifetime.ts';
import type { TestDatabase } from '../support/database.ts';
import { testLogger } from '../support/test-log.ts';

/** Runs a command on a database as the command line does; answers what it printed, or the sentence that refuses it. */
export async function runGround(
  folder: string,
  connection: TestDatabase['connection'],
  ...words: string[]
): Promise<string> {
  const { host, port, user, database } = connection;
  const databaseUrl = `postgresql://${user}@/${database}?host=${encodeURIComponent(host)}&port=${port}`;
  const life = createLifetime(() => {});
  const config = { dataDir: join(folder, 'data'), databaseUrl };
  const under = { config, log: testLogger(), clock: createSteadyClock(), life };
  const commands = [...backupCommands(under), eraseCommand(under)];
  const found = findCommand(commands, words);
  if (!found) throw new Error('no such command');
  const lines: string[] = [];
  const input = readInput(found.command, found.rest, { print: (line: string) => lines.push(line), progress: () => {} });
  if (!input.ok) return input.error.issues.map(({ text }) => text).join();
  try {
    const done = await found.command.run(input.value);
    return done.ok ? lines.join('\n') : done.error.issues.map(({ text }) => text).join();
  } finally {
    await life.end();
  }
}
