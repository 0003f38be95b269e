import { parseScopes } from '../access/scopes.ts';
import type { Clock } from '../base/clock.ts';
import { fail, ok, type Result } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import { parseJwks } from '../base/jwt.ts';
import type { Sql } from '../store/types.ts';
import { checkRegistration } from './registration.ts';
import type { Client, NewClient } from './types.ts';

/** The registered clients. */
export interface Clients {
  /** Registers a client; `invalid` names what is wrong with it, `conflict` when the id is taken. */
  add(client: NewClient): Promise<Result<Client>>;
  /** Registers a client or brings the one with this id up to date (first-party apps at every start). */
  put(client: NewClient & { id: string }): Promise<Result<Client>>;
  find(id: string): Promise<Client | undefined>;
  list(): Promise<Client[]>;
  /** Ends every token of the client within seconds. False when there is no such client. */
  deactivate(id: string): Promise<boolean>;
  /** Ends every client that the demo has made: for production. */
  endDemo(): Promise<void>;
}

interface ClientRow {
  id: string;
  name: string;
  type: Client['type'];
  redirect_uris: string[];
  launch_urls: string[];
  scopes: string;
  jwks: unknown;
  jwks_url: string | null;
  origins: string[];
  first_party: boolean;
  logo_url: string | null;
  contacts: string[];
  tenant: string | null;
  state_codes: string[];
  native: boolean;
  introspects: boolean;
  admin: boolean;
  purposes: string[];
  demo: boolean;
  active: boolean;
}

const written = [
  'name',
  'type',
  'redirect_uris',
  'launch_urls',
  'scopes',
  'jwks',
  'jwks_url',
  'origins',
  'first_party',
  'logo_url',
  'contacts',
  'tenant',
  'state_codes',
  'native',
  'introspects',
  'admin',
  'purposes',
  'demo',
] as const;
const columns = ['id', ...written, 'active'].join(', ');
const insert = `INSERT INTO auth_client (id, created_at, ${written.join(', ')})
  VALUES ($1, $2, ${written.map((_, at) => `$${at + 3}`).join(', ')})`;
const replace = `DO UPDATE SET ${written.map((column) => `${column} = EXCLUDED.${column}`).join(', ')}`;

function valuesOf(input: NewClient): unknown[] {
  const values: Record<(typeof written)[number], unknown> = {
    name: input.name,
    type: input.type,
    redirect_uris: input.redirectUris ?? [],
    launch_urls: input.launchUrls ?? [],
    scopes: input.scopes,
    jwks: input.jwks === undefined ? null : JSON.stringify(input.jwks),
    jwks_url: input.jwksUrl ?? null,
    origins: input.origins ?? [],
    first_party: input.firstParty ?? false,
    logo_url: input.logoUrl ?? null,
    contacts: input.contacts ?? [],
    tenant: input.tenant ?? null,
    state_codes: input.stateCodes ?? [],
    native: input.native ?? false,
    introspects: input.introspects ?? false,
    admin: input.admin ?? false,
    purposes: input.purposes ?? [],
    demo: input.demo ?? false,
  };
  return written.map((column) => values[column]);
}

interface Deps {
  sql: Sql;
  clock: Clock;
  resourceTypes: ReadonlySet<string>;
  /** Of the running server, which remembers who stands. */
  standing?: { forget(): void };
}

export function createClients(deps: Deps): Clients {
  async function write(input: NewClient, onConflict: string): Promise<Result<Client>> {
    const scopes = parseScopes(input.scopes, deps.resourceTypes);
    const problem = checkRegistration(input, scopes);
    if (problem) return fail('invalid', problem);
    const rows = await deps.sql.query<ClientRow>(`${insert} ON CONFLICT (id) ${onConflict} RETURNING ${columns}`, [
      input.id ?? newId(),
      deps.clock.now(),
      ...valuesOf(input),
    ]);
    const [row] = rows;
    return row ? ok(clientOf(row)) : fail('conflict', 'A client with this id exists already.');
  }
  return {
    add: (client) => write(client, 'DO NOTHING'),
    put: (client) => write(client, replace),
    async find(id) {
      const [row] = await deps.sql.query<ClientRow>(`SELECT ${columns} FROM auth_client WHERE id = $1`, [id]);
      return row && clientOf(row);
    },
    async list() {
      const rows = await deps.sql.query<ClientRow>(`SELECT ${columns} FROM auth_client ORDER BY name, id`);
      return rows.map(clientOf);
    },
    async deactivate(id) {
      const rows = await deps.sql.query('UPDATE auth_client SET active = false WHERE id = $1 RETURNING id', [id]);
      deps.standing?.forget();
      return rows.length === 1;
    },
    async endDemo() {
      await deps.sql.query('UPDATE auth_client SET active = false WHERE demo AND active');
      deps.standing?.forget();
    },
  };
}

function clientOf(row: ClientRow): Client {
  const client: Client = {
    id: row.id,
    name: row.name,
    type: row.type,
    redirectUris: row.redirect_uris,
    launchUrls: row.launch_urls,
    scopes: row.scopes,
    origins: row.origins,
    contacts: row.contacts,
    stateCodes: row.state_codes,
    native: row.native,
    introspects: row.introspects,
    admin: row.admin,
    purposes: row.purposes,
    firstParty: row.first_party,
    demo: row.demo,
    active: row.active,
  };
  const keys = parseJwks(row.jwks);
  if (keys) client.jwks = keys;
  if (row.jwks_url !== null) client.jwksUrl = row.jwks_url;
  if (row.logo_url !== null) client.logoUrl = row.logo_url;
  if (row.tenant !== null) client.tenant = row.tenant;
  return client;
}
