import { existsSync, readFileSync } from 'node:fs';
import type { House } from '../app.ts';
import { fail, ok, type Result } from '../base/errors.ts';
import { importPrivateKey, type Jwk, parseJwk } from '../base/jwt.ts';
import type { NewSite } from '../ehr/index.ts';
import type { Command, CommandInput } from '../module.ts';

/** `site add`, `site list`: the hospitals to sync with, as data. */
export function siteCommands({ ehr, config }: Pick<House, 'ehr' | 'config'>): Command[] {
  return [
    {
      name: 'site add',
      summary: 'Adds a FHIR R4 server with SMART Backend Services as a site, or changes the one with this id.',
      options: {
        id: { kind: 'text', help: 'short id, e.g. lakeside; it never changes', required: true },
        'base-url': { kind: 'text', help: 'its FHIR base URL', required: true },
        'client-id': { kind: 'text', help: 'the client_id it gave to Careweave', required: true },
        name: { kind: 'text', help: 'its name, shown as the source of what it sends' },
        key: {
          kind: 'text',
          help: `file with the private key (JWK) for this site; without it, the key published at ${config.publicUrl}/.well-known/jwks.json`,
        },
        scopes: {
          kind: 'text',
          help: 'what to ask for, e.g. "system/*.cruds" (default system/*.rs, or system/*.cruds with write-back)',
        },
        roster: { kind: 'text', help: 'how patients are found: auto, search or group:<id>' },
        'launch-client-id': { kind: 'text', help: 'the client_id for launches from its charts' },
        'no-write-back': { kind: 'flag', help: 'never write referrals or the plan document to it' },
        paused: { kind: 'flag', help: 'keep it, but do not sync with it' },
      },
      run: async (input) => {
        const site = siteOf(input);
        if (!site.ok) return site;
        const added = await ehr.addSite(input.store, site.value);
        if (!added.ok) return added;
        input.print(`Site ${added.value.id} is set up. Sync it with: npm run careweave -- sync run ${added.value.id}`);
        return ok(undefined);
      },
    },
    {
      name: 'site list',
      summary: 'Lists the sites.',
      run: async (input) => {
        for (const site of await ehr.sites(input.store))
          input.print([site.id, site.state, site.name, site.baseUrl].join('\t'));
        return ok(undefined);
      },
    },
  ];
}

function siteOf(input: CommandInput): Result<NewSite> {
  const id = input.text('id') ?? '';
  const key = keyOf(input.text('key'));
  if (!key.ok) return key;
  const writes = !input.flag('no-write-back');
  const site: NewSite = {
    id,
    name: input.text('name') ?? id,
    baseUrl: input.text('base-url') ?? '',
    clientId: input.text('client-id') ?? '',
    scopes: input.text('scopes') ?? (writes ? 'system/*.cruds' : 'system/*.rs'),
    state: input.flag('paused') ? 'paused' : 'live',
    writeBack: { referrals: writes, planDocument: writes },
  };
  const roster = input.text('roster');
  if (roster !== undefined) site.roster = roster as NonNullable<NewSite['roster']>;
  const launch = input.text('launch-client-id');
  if (launch !== undefined) site.launch = { clientId: launch };
  if (key.value) site.key = key.value;
  return ok(site);
}

function keyOf(path: string | undefined): Result<Jwk | undefined> {
  if (path === undefined) return ok(undefined);
  if (!existsSync(path)) return fail('not-found', 'The file given with --key does not exist.');
  try {
    const jwk = parseJwk(JSON.parse(readFileSync(path, 'utf8')));
    if (jwk && importPrivateKey(jwk).ok) return ok(jwk);
  } catch {
    // Falls through to the one sentence.
  }
  return fail('invalid', 'The file given with --key must hold one private key in JWK form (ES384 or RS384).');
}
