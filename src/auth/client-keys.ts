import type { Clock } from '../base/clock.ts';
import type { GuardedFetch, OutboundResponse } from '../base/guarded-fetch.ts';
import { withinDepth } from '../base/json-depth.ts';
import { type Jwk, parseJwks } from '../base/jwt.ts';
import { limits } from '../base/limits.ts';
import type { Client } from './types.ts';

/** The public keys of clients, inline or fetched from the registered URL (SC-133 to SC-135). */
export interface ClientKeys {
  /** The keys to look for `kid` in; empty when they cannot be had. */
  of(client: Client, kid: string): Promise<readonly Jwk[]>;
}

interface Kept {
  url: string;
  keys: readonly Jwk[];
  fetchedAt: number;
  expiresAt: number;
}

/**
 * Keys are kept as long as the client's server says, at most five minutes, so a key removed there soon stops working here. A kid
 * we do not know leads to one early fetch a minute: enough for a new key, too little to be used as a hammer.
 */
export function createClientKeys(deps: { guardedFetch: GuardedFetch; clock: Clock }): ClientKeys {
  // At most one entry per registered client.
  const kept = new Map<string, Kept>();
  const running = new Map<string, Promise<Kept | undefined>>();

  function fetchOnce(client: Client, url: string): Promise<Kept | undefined> {
    const before = running.get(client.id);
    if (before) return before;
    const fetching = fetchKeys(deps.guardedFetch, url, deps.clock).finally(() => running.delete(client.id));
    running.set(client.id, fetching);
    return fetching;
  }

  return {
    async of(client, kid) {
      if (client.jwks) return client.jwks;
      if (client.jwksUrl === undefined) return [];
      const now = deps.clock.now().getTime();
      const found = kept.get(client.id);
      const valid = found && found.url === client.jwksUrl && found.expiresAt > now ? found : undefined;
      const known = valid?.keys.some((key) => key.kid === kid) ?? false;
      if (valid && (known || now - valid.fetchedAt < limits.jwks.refetchSeconds * 1000)) return valid.keys;
      const fresh = await fetchOnce(client, client.jwksUrl);
      if (fresh) kept.set(client.id, fresh);
      return fresh?.keys ?? valid?.keys ?? [];
    },
  };
}

async function fetchKeys(guardedFetch: GuardedFetch, url: string, clock: Clock): Promise<Kept | undefined> {
  const answer = await guardedFetch(url, {
    headers: { accept: 'application/json' },
    totalMs: limits.jwks.fetchMs,
    maxBytes: limits.jwks.bytes,
  });
  if (!answer.ok) return undefined;
  const keys = parseKeys(answer.value.body);
  if (!keys) return undefined;
  const fetchedAt = clock.now().getTime();
  return { url, keys, fetchedAt, expiresAt: fetchedAt + lifeMs(answer.value) };
}

function parseKeys(text: string): Jwk[] | undefined {
  if (!withinDepth(text, limits.outbound.jsonDepth)) return undefined;
  try {
    return parseJwks(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Cache-Control in milliseconds: no-store and no-cache keep nothing, max-age counts up to our own bound. */
function lifeMs(answer: OutboundResponse): number {
  const control = answer.header('cache-control')?.toLowerCase() ?? '';
  if (/\bno-(store|cache)\b/.test(control)) return 0;
  const maxAge = /\bmax-age=(\d{1,9})\b/.exec(control)?.[1];
  return Math.min(maxAge === undefined ? limits.jwks.cacheSeconds : Number(maxAge), limits.jwks.cacheSeconds) * 1000;
}
