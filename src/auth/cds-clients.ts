import { isAsProtected } from '../base/addresses.ts';
import type { Clock } from '../base/clock.ts';
import { fail, ok, type Result } from '../base/errors.ts';
import type { GuardedFetch } from '../base/guarded-fetch.ts';
import { importPublicKey, keyFits, peekJwt, verifyJwt } from '../base/jwt.ts';
import { limits } from '../base/limits.ts';
import type { Sql } from '../store/types.ts';
import { createAssertions } from './assertions.ts';
import { createClientKeys } from './client-keys.ts';
import { readJsonObject } from './ehr-launch/read-json.ts';
import type { EhrLaunchSites } from './types.ts';

export interface CdsClientDeps {
  sql: Sql;
  clock: Clock;
  guardedFetch: GuardedFetch;
  ehrSites: EhrLaunchSites;
}

const algorithms = ['ES384', 'RS384', 'RS256'] as const;

/**
 * Knows an EHR that calls a CDS service by the JWT it signs: `iss` must be a configured site, `aud` the service's URL, the key one of
 * those that the site's SMART configuration publishes, and the `jti` not used before. Every failure has one text.
 * Source: CDS Hooks 2.0, "Trusting CDS Clients".
 */
export function createCdsClients(deps: CdsClientDeps) {
  const keys = createClientKeys(deps);
  const keyAddress = createKeyAddresses(deps);
  const assertions = createAssertions(deps.sql);
  const refuse = (cause: string) => fail('unauthorized', 'This CDS client could not be verified.', { cause });

  async function verify(header: string | undefined, audience: string): Promise<Result<{ siteId: string }>> {
    const token = /^Bearer ([\w.~+/=-]+)$/.exec(header ?? '')?.[1];
    const seen = token === undefined ? undefined : peekJwt(token);
    if (token === undefined || !seen) return refuse('no token');
    const { iss, jti, exp } = seen.claims;
    const algorithm = algorithms.find((one) => one === seen.header.alg);
    const kid = seen.header.kid;
    if (typeof iss !== 'string' || typeof jti !== 'string' || typeof kid !== 'string' || !algorithm)
      return refuse('claims');
    const site = await deps.ehrSites.byIssuer(iss);
    if (!site) return refuse('issuer');
    const jwksUrl = await keyAddress(site.siteId, iss);
    if (jwksUrl === undefined || (seen.header.jku !== undefined && seen.header.jku !== jwksUrl)) return refuse('keys');
    const fitting = (await keys.of({ id: `cds:${site.siteId}`, jwksUrl }, kid)).filter(
      (key) => key.kid === kid && keyFits(key, algorithm),
    );
    const key = fitting.length === 1 && fitting[0] ? importPublicKey(fitting[0]) : undefined;
    if (!key?.ok) return refuse('key');
    const now = deps.clock.now();
    const verified = verifyJwt(token, { key: key.value, algorithms: [algorithm], now, issuer: iss, audience });
    if (!verified.ok) return refuse('signature');
    const expiresAt = new Date(Number(exp) * 1000);
    if (expiresAt.getTime() - now.getTime() > limits.auth.assertionSeconds * 1000) return refuse('life');
    if (!(await assertions.spend(`cds:${site.siteId}`, jti, expiresAt))) return refuse('replay');
    return ok({ siteId: site.siteId });
  }

  return { verify, patientFor: deps.ehrSites.patientFor, userFor: deps.ehrSites.userFor };
}

interface KeyAddress {
  url: string | undefined;
  until: number;
}

/**
 * The `jwks_uri` of a site's SMART configuration. Anybody can send us a token that names a site, so it is asked for once in a
 * while and once at a time, however many come; an answer without one is not kept.
 */
function createKeyAddresses({
  guardedFetch,
  clock,
}: CdsClientDeps): (siteId: string, iss: string) => Promise<string | undefined> {
  // At most one entry per configured site.
  const kept = new Map<string, KeyAddress>();
  const running = new Map<string, Promise<string | undefined>>();
  return async (siteId, iss) => {
    const known = kept.get(siteId);
    const now = clock.now().getTime();
    if (known && known.until > now) return known.url;
    const asking = running.get(siteId) ?? publishedKeys(guardedFetch, iss).finally(() => running.delete(siteId));
    running.set(siteId, asking);
    const url = await asking;
    if (url !== undefined) kept.set(siteId, { url, until: now + limits.jwks.cacheSeconds * 1000 });
    return url;
  };
}

async function publishedKeys(fetch: GuardedFetch, iss: string): Promise<string | undefined> {
  const url = `${iss.replace(/\/+$/, '')}/.well-known/smart-configuration`;
  const { bytes: maxBytes, fetchMs: totalMs } = limits.jwks;
  const answer = await fetch(url, { headers: { accept: 'application/json' }, maxBytes, totalMs });
  const named = answer.ok ? readJsonObject(answer.value.body)?.jwks_uri : undefined;
  return typeof named === 'string' && isAsProtected(named, iss) ? named : undefined;
}
