import { parseScopes } from '../access/scopes.ts';
import type { Clock } from '../base/clock.ts';
import { fail, ok, type Result } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import { type Jwk, parseJwks } from '../base/jwt.ts';
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
  active: boolean;
}

const columns = 'id, name, type, redirect_uris, launch_urls, scopes, jwks, jwks_url, origins, first_party, active';
const insert = `INSERT INTO auth_client (${columns}, created_at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,true,$11)`;
const replace = `DO UPDATE SET name = EXCLUDED.name, type = EXCLUDED.type, redirect_uris = EXCLUDED.redirect_uris,
  launch_urls = EXCLUDED.launch_urls, scopes = EXCLUDED.scopes, jwks = EXCLUDED.jwks, jwks_url = EXCLUDED.jwks_url,
  origins = EXCLUDED.origins, first_party = EXCLUDED.first_party`;

export function createClients(deps: { sql: Sql; clock: Clock; resourceTypes: ReadonlySet<string> }): Clients {
  async function write(input: NewClient, onConflict: string): Promise<Result<Client>> {
    const scopes = parseScopes(input.scopes, deps.resourceTypes);
    const problem = checkRegistration(input, scopes);
    if (problem) return fail('invalid', problem);
    const rows = await deps.sql.query<ClientRow>(`${insert} ON CONFLICT (id) ${onConflict} RETURNING ${columns}`, [
      input.id ?? newId(),
      input.name,
      input.type,
      input.redirectUris ?? [],
      input.launchUrls ?? [],
      input.scopes,
      input.jwks === undefined ? null : JSON.stringify(input.jwks),
      input.jwksUrl ?? null,
      input.origins ?? [],
      input.firstParty ?? false,
      deps.clock.now(),
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
      return rows.length === 1;
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
    firstParty: row.first_party,
    active: row.active,
  };
  const keys: Jwk[] | undefined = parseJwks(row.jwks);
  if (keys) client.jwks = keys;
  if (row.jwks_url !== null) client.jwksUrl = row.jwks_url;
  return client;
}
