import type { Clock } from '../../base/clock.ts';
import type { GuardedFetch } from '../../base/guarded-fetch.ts';
import { type Jwk, parseJwks } from '../../base/jwt.ts';
import { limits } from '../../base/limits.ts';
import type { AppClient } from '../hospital.ts';

/** Public keys of a client, from its registration or its JWKS address. An empty list when they cannot be had. */
export type ClientKeys = (client: AppClient, kid: string) => Promise<Jwk[]>;

/**
 * Keys from an address are cached for a short time; an unknown kid has them fetched again, at most once a minute.
 * A failed fetch is not remembered: the app may simply start later than the hospital.
 */
export function createClientKeys(fetch: GuardedFetch, clock: Clock): ClientKeys {
  const cache = new Map<string, { keys: Jwk[]; fetchedAt: number }>();
  return async (client, kid) => {
    if (!client.jwks) return [];
    if ('keys' in client.jwks) return parseJwks(client.jwks) ?? [];
    const { url } = client.jwks;
    const cached = cache.get(url);
    const ageSeconds = cached ? (clock.now().getTime() - cached.fetchedAt) / 1000 : Number.POSITIVE_INFINITY;
    const known = cached?.keys.some((key) => key.kid === kid) ?? false;
    if (cached && ageSeconds < (known ? limits.jwks.cacheSeconds : limits.jwks.refetchSeconds)) return cached.keys;
    const answer = await fetch(url, { headers: { accept: 'application/json' }, maxBytes: limits.jwks.bytes });
    if (!answer.ok) return [];
    const keys = parseJwks(JSON.parse(answer.value.body)) ?? [];
    cache.set(url, { keys, fetchedAt: clock.now().getTime() });
    return keys;
  };
}
