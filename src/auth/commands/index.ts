import type { Command } from '../../module.ts';
import { adminCommands } from './admin-commands.ts';
import { clientAdd } from './client-add.ts';
import { clientCommands } from './client-commands.ts';
import { grantCommands } from './grant-commands.ts';
import { keyCommands } from './key-commands.ts';

/** `client …`, `key …`, `grant …` and `admin …`. `keysDir`: where private keys made here are written, readable by this user only. */
export function authCommands(deps: { keysDir: string; resourceTypes: ReadonlySet<string> }): Command[] {
  return [clientAdd(deps), ...clientCommands(deps), ...keyCommands(), ...grantCommands(deps), ...adminCommands()];
}
