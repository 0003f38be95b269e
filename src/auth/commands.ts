import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail, ok, type Result } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import { generateKeys } from '../base/keys.ts';
import type { Command, CommandInput } from '../module.ts';
import { createClients } from './clients.ts';
import type { NewClient } from './types.ts';

/** `client add`, `client list` and `client deactivate`. `keysDir`: where private keys made here are written, readable by this user only. */
export function clientCommands(deps: { keysDir: string; resourceTypes: ReadonlySet<string> }): Command[] {
  const clients = (input: CommandInput) =>
    createClients({ sql: input.store, clock: input.clock, resourceTypes: deps.resourceTypes });
  return [
    {
      name: 'client add',
      summary:
        'Registers a client for machine access (Backend Services) and prints JSON with its client_id and private key file.',
      options: {
        name: { kind: 'text', help: 'a name for people', required: true },
        scopes: { kind: 'text', help: 'what it may be granted at most, e.g. "system/*.cruds"', required: true },
        jwks: { kind: 'text', help: 'a file with its public keys; without it a key pair is made here' },
        'jwks-url': { kind: 'text', help: 'where it publishes its public keys' },
        id: { kind: 'text', help: 'its client_id; a new one otherwise' },
      },
      run: async (input) => {
        const id = input.text('id') ?? newId();
        const client: NewClient = {
          id,
          name: input.text('name') ?? id,
          type: 'asymmetric',
          scopes: input.text('scopes') ?? '',
        };
        const keys = await keysOf(input, id, deps.keysDir);
        if (!keys.ok) return keys;
        const { keyFile, ...registered } = keys.value;
        const added = await clients(input).add({ ...client, ...registered });
        if (!added.ok) return added;
        const shown = {
          client_id: added.value.id,
          name: added.value.name,
          scope: added.value.scopes,
          private_key: keyFile,
        };
        input.print(JSON.stringify(shown, null, 2));
        return ok(undefined);
      },
    },
    {
      name: 'client list',
      summary: 'Lists the registered clients.',
      run: async (input) => {
        for (const client of await clients(input).list()) {
          input.print(
            [client.id, client.active ? 'active' : 'inactive', client.type, client.name, client.scopes].join('\t'),
          );
        }
        return ok(undefined);
      },
    },
    {
      name: 'client deactivate',
      summary: 'Ends a client and every token of it.',
      takes: ['client_id'],
      run: async (input) => {
        const ended = await clients(input).deactivate(input.arguments.client_id ?? '');
        return ended ? ok(undefined) : fail('not-found', 'There is no such client: see careweave client list.');
      },
    },
  ];
}

/** The client's public keys: from its file or address, or of a pair made here whose private half is written for its owner. */
async function keysOf(
  input: CommandInput,
  id: string,
  keysDir: string,
): Promise<Result<Pick<NewClient, 'jwks' | 'jwksUrl'> & { keyFile?: string }>> {
  const jwksUrl = input.text('jwks-url');
  if (jwksUrl !== undefined) return ok({ jwksUrl });
  const file = input.text('jwks');
  if (file !== undefined) {
    if (!existsSync(file)) return fail('not-found', 'The file given with --jwks does not exist.');
    try {
      return ok({ jwks: JSON.parse(readFileSync(file, 'utf8')) });
    } catch {
      return fail('invalid', 'The file given with --jwks is not JSON.');
    }
  }
  const pair = await generateKeys('ES384');
  mkdirSync(keysDir, { recursive: true, mode: 0o700 });
  const keyFile = join(keysDir, `${id}.jwk.json`);
  writeFileSync(keyFile, `${JSON.stringify(pair.privateJwk, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  chmodSync(keyFile, 0o600);
  return ok({ jwks: { keys: [pair.publicJwk] }, keyFile });
}
