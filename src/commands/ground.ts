import type { Clock } from '../base/clock.ts';
import type { Result } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { Config } from '../config.ts';
import type { Command, CommandInput } from '../module.ts';
import type { CommandWords } from '../ops/command-line.ts';
import type { Lifetime } from '../ops/lifetime.ts';
import { type Database, openDatabase } from '../store/database.ts';

/** A command on the database itself, without the house over it: whatever its schema, and with nothing written by the way. */
export interface GroundCommand extends Pick<Command, 'name' | 'summary' | 'takes' | 'options'> {
  run(input: GroundInput): Promise<Result<void>>;
}

export type GroundInput = CommandWords & Pick<CommandInput, 'print' | 'progress'>;

export interface GroundDeps {
  config: Pick<Config, 'dataDir' | 'databaseUrl'>;
  log: Logger;
  clock: Clock;
  life: Lifetime;
}

/** The database of these settings, let go of at the end of the command. `share`: beside a running server. */
export function openedGround(deps: GroundDeps, at: GroundDeps['config'], share: boolean): Promise<Result<Database>> {
  const { log, life } = deps;
  const { dataDir, databaseUrl } = at;
  const opening = openDatabase({ dataDir, ...(databaseUrl !== undefined && { databaseUrl }), share, log });
  return life.hold(opening, (database) => database.stop());
}
