import { fail, ok, type Result } from '../base/errors.ts';
import type { GuardedFetch } from '../base/guarded-fetch.ts';
import type { Store } from '../store/types.ts';
import type { EhrDeps } from './deps.ts';
import { type Discovery, discover } from './sites/discover.ts';
import { keepDiscovery } from './sites/keep-discovery.ts';
import { siteKey } from './sites/registry.ts';
import type { Site } from './sites/site.ts';
import { createEhrClient, type EhrClient } from './transport/client.ts';
import { createTokenSource } from './transport/token.ts';

/** A site, discovered and ready to be spoken to. One token source, and so one token, for everything done in it. */
export interface SiteSession {
  site: Site;
  client: EhrClient;
  discovery: Discovery;
  /** The site's CapabilityStatement says something else than the last time. */
  drifted: boolean;
  close(): Promise<void>;
}

/** Opens a session after asking the site anew what it can do. */
export async function openSession(store: Store, site: Site, deps: EhrDeps): Promise<Result<SiteSession>> {
  const fetch = deps.fetchFor([new URL(site.baseUrl).origin]);
  const found = await discover(site.baseUrl, fetch);
  if (!found.ok) {
    await fetch.close();
    return found;
  }
  const drifted = await keepDiscovery(store, site.id, found.value, deps.clock.now());
  return ok(await sessionOf(store, site, found.value, fetch, deps, drifted));
}

/** Opens a session with what is known from the last discovery, for a delivery between two runs. */
export async function reopenSession(store: Store, site: Site, deps: EhrDeps): Promise<Result<SiteSession>> {
  const [row] = await store.query<{ discovery: Discovery | null }>('select discovery from ehr_site where id = $1', [
    site.id,
  ]);
  if (!row) return fail('not-found', `There is no site ${site.id}.`);
  if (!row.discovery) return openSession(store, site, deps);
  const fetch = deps.fetchFor([new URL(site.baseUrl).origin]);
  return ok(await sessionOf(store, site, row.discovery, fetch, deps, false));
}

async function sessionOf(
  store: Store,
  site: Site,
  discovery: Discovery,
  fetch: GuardedFetch,
  deps: EhrDeps,
  drifted: boolean,
): Promise<SiteSession> {
  const { tokenUrl } = discovery;
  const { clientId, scopes, baseUrl } = site;
  const key = (await siteKey(store, site.id)) ?? deps.clientKey;
  const tokens = createTokenSource({ fetch, clock: deps.clock, tokenUrl, clientId, scopes, key });
  const client = createEhrClient({ baseUrl, fetch, tokens, pause: deps.pause });
  return { site, client, discovery, drifted, close: () => fetch.close() };
}
