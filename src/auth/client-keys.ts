import type { Clock } from '../base/clock.ts';
import type { GuardedFetch, OutboundResponse } from '../base/guarded-fetch.ts';
import { withinDepth } from '../base/json-depth.ts';
import { type Jwk, parseJwks } from '../base/jwt.ts';
import { limits } from '../base/limits.ts';
import type { Client } from './types.ts';

/** Whose keys are looked for. */
export type KeyOwner = Pick<Client, 'id' | 'jwks' | 'jwksUrl'>;

/** The public keys of clients, inline or fetched from the registered URL (SC-133 to SC-135). */
export interface ClientKeys {
  /** The keys to look for `kid` in; empty when they cannot be had. */
  of(client: KeyOwner, kid: string): Promise<readonly Jwk[]>;
}

interface Kept {
  url: string;
  /** Empty once they may not be kept any longer, and for an answer that failed. */
  keys: readonly Jwk[];
  /** The names of all keys of the last answer, which may be remembered when the keys themselves may not. */
  kids: ReadonlySet<string>;
  fetchedAt: number;
  expiresAt: number;
}

/**
 * Keys are kept as long as the client's server says, at most five minutes, so a key removed there soon stops working here. A kid
 * that the last answer did not have leads to one early fetch a minute: enough for a new key, too little to be used as a hammer. So does
 * an answer that could not be had.
 */
export function createClientKeys(deps: { guardedFetch: GuardedFetch; clock: Clock }): ClientKeys {
  // At most one entry per registered client.
  const kept = new Map<string, Kept>();
  const running = new Map<string, Promise<Kept>>();

  function fetchOnce(client: KeyOwner, url: string): Promise<Kept> {
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
      // Of a clock that was set back nothing is kept: nobody knows how old it is.
      const last = found?.url === client.jwksUrl && found.fetchedAt <= now ? found : undefined;
      const valid = last && last.expiresAt > now ? last.keys : [];
      const known = last?.kids.has(kid) ?? false;
      if (last && known && last.expiresAt > now) return valid;
      if (last && !known && now - last.fetchedAt < limits.jwks.refetchSeconds * 1000) return valid;
      const fresh = await fetchOnce(client, client.jwksUrl);
      const keeps = fresh.expiresAt > fresh.fetchedAt;
      // A fetch that failed does not throw away what is still good.
      const keys = keeps ? fresh.keys : valid;
      const expiresAt = keeps ? fresh.expiresAt : (last?.expiresAt ?? 0);
      kept.set(client.id, { ...fresh, keys, expiresAt });
      return fresh.keys.length > 0 ? fresh.keys : valid;
    },
  };
}

async function fetchKeys(guardedFetch: GuardedFetch, url: string, clock: Clock): Promise<Kept> {
  const answer = await guardedFetch(url, {
    headers: { accept: 'application/json' },
    totalMs: limits.jwks.fetchMs,
    maxBytes: limits.jwks.bytes,
  });
  const keys = (answer.ok && isJson(answer.value) && parseKeys(answer.value.body)) || [];
  const fetchedAt = clock.now().getTime();
  const life = answer.ok && keys.length > 0 ? lifeMs(answer.value) : 0;
  const kids = new Set(keys.flatMap(({ kid }) => (kid === undefined ? [] : [kid])));
  return { url, keys, kids, fetchedAt, expiresAt: fetchedAt + life };
}

/** SC-134: what is no JSON by its own word is not read as keys. */
function isJson(answer: OutboundResponse): boolean {
  return /^application\/([\w.-]+\+)?json\b/i.test(answer.header('content-type') ?? '');
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
