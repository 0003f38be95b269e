import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail, ok, type Result } from '../../base/errors.ts';
import { newId } from '../../base/ids.ts';
import { generateKeys } from '../../base/keys.ts';
import type { Command, CommandInput } from '../../module.ts';
import { createClientSecrets } from '../client-secrets.ts';
import { createClients } from '../clients.ts';
import type { Client, NewClient } from '../types.ts';

const types: Readonly<Record<string, Client['type']>> = {
  public: 'public',
  symmetric: 'symmetric',
  asymmetric: 'asymmetric',
};

/** `client add`: registers an app or a machine and prints what it needs to begin. A secret is told here and never again. */
export function clientAdd(deps: { keysDir: string; resourceTypes: ReadonlySet<string> }): Command {
  return {
    name: 'client add',
    administers: true,
    summary:
      'Registers an app, or a client for machine access (Backend Services), and prints JSON with its client_id and key or secret.',
    options: {
      name: { kind: 'text', help: 'a name for people', required: true },
      scopes: { kind: 'text', help: 'what it may be granted at most, e.g. "system/*.cruds"', required: true },
      type: { kind: 'text', help: 'public, symmetric (a secret) or asymmetric (keys; without --type)' },
      jwks: { kind: 'text', help: 'a file with its public keys; without it a key pair is made here' },
      'jwks-url': { kind: 'text', help: 'where it publishes its public keys' },
      id: { kind: 'text', help: 'its client_id; a new one otherwise' },
      'redirect-uri': { kind: 'list', help: 'where people are sent back to (may be given several times)' },
      'launch-url': { kind: 'list', help: 'where a launch begins (may be given several times)' },
      origin: { kind: 'list', help: 'a web origin from which it calls (may be given several times)' },
      logo: { kind: 'text', help: 'the URL of its logo' },
      contact: { kind: 'list', help: 'whom to ask about it (may be given several times)' },
      purpose: { kind: 'list', help: 'for what it asks (v3-PurposeOfUse, e.g. TREAT): told in the audit trail' },
      tenant: { kind: 'text', help: 'what token responses say as tenant' },
      'state-code': { kind: 'list', help: 'a system|code under which it may keep App State' },
      native: { kind: 'flag', help: 'runs on a device: own scheme, or any loopback port, as redirect URI' },
      introspects: { kind: 'flag', help: 'may introspect tokens of other clients' },
      admin: { kind: 'flag', help: 'may use the admin API' },
    },
    run: async (input) => {
      const type = types[input.text('type') ?? 'asymmetric'];
      if (!type) return fail('invalid', '--type is public, symmetric or asymmetric.');
      const id = input.text('id') ?? newId();
      const keys = type === 'asymmetric' ? await keysOf(input, id, deps.keysDir) : noKeys(input);
      if (!keys.ok) return keys;
      const { keyFile, ...registered } = keys.value;
      const clients = createClients({ sql: input.store, clock: input.clock, resourceTypes: deps.resourceTypes });
      const added = await clients.add({ ...clientOf(input, id, type), ...registered });
      if (!added.ok) return added;
      const secret =
        type === 'symmetric' ? await createClientSecrets({ sql: input.store, clock: input.clock }).add(id) : undefined;
      const { name, scopes: scope } = added.value;
      const shown = { client_id: id, name, type, scope, private_key: keyFile, client_secret: secret };
      input.print(JSON.stringify(shown, null, 2));
      return ok(undefined);
    },
  };
}

function clientOf(input: CommandInput, id: string, type: Client['type']): NewClient {
  const client: NewClient = {
    id,
    name: input.text('name') ?? id,
    type,
    scopes: input.text('scopes') ?? '',
    redirectUris: input.list('redirect-uri'),
    launchUrls: input.list('launch-url'),
    origins: input.list('origin'),
    contacts: input.list('contact'),
    purposes: input.list('purpose'),
    stateCodes: input.list('state-code'),
    native: input.flag('native'),
    introspects: input.flag('introspects'),
    admin: input.flag('admin'),
  };
  const [logoUrl, tenant] = [input.text('logo'), input.text('tenant')];
  return { ...client, ...(logoUrl !== undefined && { logoUrl }), ...(tenant !== undefined && { tenant }) };
}

type Keys = Pick<NewClient, 'jwks' | 'jwksUrl'> & { keyFile?: string };

function noKeys(input: CommandInput): Result<Keys> {
  const given = input.text('jwks') ?? input.text('jwks-url');
  return given === undefined ? ok({}) : fail('invalid', '--jwks and --jwks-url are for asymmetric clients.');
}

/** The client's public keys: from its file or address, or of a pair made here whose private half is written for its owner. */
async function keysOf(input: CommandInput, id: string, keysDir: string): Promise<Result<Keys>> {
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
  // The id becomes part of a file's name, before the registration has looked at it.
  if (!/^[\w-][\w.-]{0,127}$/.test(id))
    return fail('invalid', 'The client id has characters or a form that are not allowed.');
  const pair = await generateKeys('ES384');
  mkdirSync(keysDir, { recursive: true, mode: 0o700 });
  const keyFile = join(keysDir, `${id}.jwk.json`);
  if (existsSync(keyFile)) return fail('conflict', 'There is a key file for a client of this id already.');
  writeFileSync(keyFile, `${JSON.stringify(pair.privateJwk, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  chmodSync(keyFile, 0o600);
  return ok({ jwks: { keys: [pair.publicJwk] }, keyFile });
}
