import { fail, ok, type Result } from '../../base/errors.ts';
import type { Jwk } from '../../base/jwt.ts';
import type { Sql } from '../../store/types.ts';
import type { NewSite, Site } from './site.ts';

type Config = Omit<Site, 'id' | 'name' | 'baseUrl' | 'state'> & { key?: Jwk };

interface SiteRow {
  id: string;
  name: string;
  base_url: string;
  state: 'live' | 'paused';
  config: Config;
}

function toSite(row: SiteRow): Site {
  const { key: _secret, ...config } = row.config;
  return { ...config, id: row.id, name: row.name, baseUrl: row.base_url, state: row.state };
}

/** Longer than any address in use. */
const baseUrlMax = 1000;

const columns = 'id, name, base_url, state, config';

/**
 * Adds a site, or changes the one with this id. Its base URL cannot change once something was pulled from it: ids and
 * identifiers are made from it.
 */
export async function addSite(sql: Sql, input: NewSite): Promise<Result<Site>> {
  const problem = problemOf(input);
  if (problem) return fail('invalid', problem);
  const { key, ...given } = input;
  const site = withDefaults(given);
  const { id, name, baseUrl, state, ...config } = site;
  const other = await siteByIssuer(sql, baseUrl);
  if (other && other.id !== id) return fail('conflict', `The site ${other.id} has this base URL already.`);
  const before = await siteById(sql, id);
  if (before && before.baseUrl !== baseUrl) {
    const [linked] = await sql.query('select 1 from ehr_link where site = $1 limit 1', [id]);
    if (linked) return fail('conflict', `The base URL of the site ${id} cannot change: it was synced already.`);
  }
  await sql.query(
    `insert into ehr_site (id, name, base_url, state, config) values ($1, $2, $3, $4, $5::jsonb)
     on conflict (id) do update set name = excluded.name, base_url = excluded.base_url, state = excluded.state,
       config = excluded.config`,
    [id, name, baseUrl, state, JSON.stringify(key ? { ...config, key } : config)],
  );
  return ok(site);
}

function problemOf(input: NewSite): string | undefined {
  if (!/^[a-z0-9][a-z0-9-]{0,39}$/.test(input.id)) {
    return 'The id of a site is 1 to 40 lower-case letters, digits and hyphens.';
  }
  if (input.name.trim() === '') return 'A site needs a name.';
  if (input.clientId.trim() === '') return 'A site needs the client id that it gave to Careweave.';
  const url = URL.canParse(input.baseUrl) ? new URL(input.baseUrl) : undefined;
  if (
    !url ||
    input.baseUrl.length > baseUrlMax ||
    !/^https?:$/.test(url.protocol) ||
    url.search !== '' ||
    url.hash !== '' ||
    url.username !== ''
  ) {
    return 'The base URL of a site is a plain http or https URL.';
  }
  if (input.roster !== undefined && !/^(auto|search|group:[A-Za-z0-9\-.]{1,64})$/.test(input.roster)) {
    return 'The roster of a site is auto, search or group:<id>.';
  }
  return undefined;
}

function withDefaults(input: NewSite): Site {
  return {
    scopes: 'system/*.rs',
    roster: 'auto',
    state: 'live',
    writeBack: { referrals: false, planDocument: false },
    types: {},
    ...input,
    baseUrl: input.baseUrl.replace(/\/+$/, ''),
  };
}

export async function listSites(sql: Sql): Promise<Site[]> {
  const rows = await sql.query<SiteRow>(`select ${columns} from ehr_site order by id`);
  return rows.map(toSite);
}

export async function siteById(sql: Sql, id: string): Promise<Site | undefined> {
  const [row] = await sql.query<SiteRow>(`select ${columns} from ehr_site where id = $1`, [id]);
  return row && toSite(row);
}

/** Our private key for one site alone, when it has one. */
export async function siteKey(sql: Sql, id: string): Promise<Jwk | undefined> {
  const [row] = await sql.query<{ config: Config }>('select config from ehr_site where id = $1', [id]);
  return row?.config.key;
}

/** The site whose FHIR base URL this is (a SMART launch's `iss`), a slash at the end aside. */
export async function siteByIssuer(sql: Sql, issuer: string): Promise<Site | undefined> {
  // Anybody may name an issuer, and taking slashes off costs the square of their number.
  if (issuer.length > baseUrlMax) return undefined;
  const baseUrl = issuer.replace(/\/+$/, '');
  const [row] = await sql.query<SiteRow>(`select ${columns} from ehr_site where base_url = $1`, [baseUrl]);
  return row && toSite(row);
}
