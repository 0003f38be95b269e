import { dirname } from 'node:path';
import { openHouse } from './app.ts';
import { createSteadyClock } from './base/clock.ts';
import { fail, ok, type Result } from './base/errors.ts';
import { createLogger } from './base/log.ts';
import { backupCommands } from './commands/backup.ts';
import { doctorCommand } from './commands/doctor.ts';
import { eraseCommand } from './commands/erase.ts';
import { planCommands } from './commands/plans.ts';
import { siteCommands } from './commands/sites.ts';
import { syncCommands } from './commands/sync.ts';
import { readConfig } from './config.ts';
import type { Command } from './module.ts';
import { findCommand, helpText, readInput, runCommand, usage } from './ops/command-line.ts';
import { createLifetime, type Lifetime } from './ops/lifetime.ts';

/** The command line: `npm run careweave -- <command>`. Works beside a running server, or opens the database itself. */
async function main(words: readonly string[], life: Lifetime): Promise<Result<void>> {
  const config = readConfig(dirname(import.meta.dirname));
  if (!config.ok) return config;
  const log = createLogger(config.value.logLevel, 2);
  const print = (line: string) => process.stdout.write(`${line}\n`);
  const progress = (line: string) => process.stderr.write(`${line}\n`);
  // These take the database as it is: before its schema is brought up to date, or before there is one.
  const under = { config: config.value, log, clock: createSteadyClock(), life };
  const ground = [...backupCommands(under), eraseCommand(under)];
  const early = findCommand(ground, words);
  if (early?.rest.includes('--help')) return told(early.command, print);
  if (early) {
    const input = readInput(early.command, early.rest, { print, progress });
    return input.ok ? await early.command.run(input.value).finally(() => life.end()) : input;
  }
  const house = await life.hold(openHouse(config.value, log, { share: true }), (opened) => opened.close());
  if (!house.ok) return house;
  try {
    const { store, clock } = house.value;
    const commands = [
      ...house.value.commands,
      ...siteCommands(house.value),
      ...syncCommands(house.value),
      ...planCommands(house.value),
      doctorCommand(house.value),
    ];
    if (words.length === 0 || words[0] === 'help' || words[0] === '--help') {
      print(helpText([...commands, ...ground]));
      return ok(undefined);
    }
    const found = findCommand(commands, words);
    if (!found)
      return fail(
        'not-found',
        `There is no such command. Commands: ${[...commands, ...ground].map(({ name }) => name).join(', ')}.`,
      );
    if (found.rest.includes('--help')) return told(found.command, print);
    const input = readInput(found.command, found.rest, { store, clock, log, print, progress });
    return input.ok ? await runCommand(found.command, input.value, house.value.trail) : input;
  } finally {
    await life.end();
  }
}

function told(
  command: Pick<Command, 'name' | 'summary' | 'takes' | 'options'>,
  print: (line: string) => void,
): Result<void> {
  print(`${usage(command)}\n${command.summary}`);
  return ok(undefined);
}

const life = createLifetime(() => {});
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'disconnect'] as const)
  process.on(signal, () => life.end().then(() => process.exit(130)));
// The channel to `npm run` tells us when that is killed; it is no reason to stay when the command is done.
process.channel?.unref();
// Whoever reads our output may leave before its end (`… | head`).
process.stdout.on('error', () => {});
const done = await main(process.argv.slice(2), life);
if (!done.ok) {
  for (const issue of done.error.issues) process.stderr.write(`${issue.text}\n`);
  process.exitCode = 1;
}
