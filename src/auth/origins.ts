import type { RequestHandler } from 'express';
import type { Clock } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import type { Clients } from './clients.ts';
import { namedClient } from './named-client.ts';
import type { Client } from './types.ts';

/** Which web origins may read our answers from a browser (SC-021): those of registered, active clients. */
export interface WebOrigins {
  /** Of any client: for preflights, and for answers before the client is known. */
  registered(): Promise<ReadonlySet<string>>;
  /** Of one client; none when it is unknown or has ended. */
  ofClient(clientId: string): Promise<ReadonlySet<string>>;
  /** The App State codes that were registered for the client, as `system|code`; none: those under its origins (SC-174). */
  stateCodes(clientId: string): Promise<ReadonlySet<string>>;
}

interface Snapshot {
  all: ReadonlySet<string>;
  byClient: ReadonlyMap<string, ReadonlySet<string>>;
  codes: ReadonlyMap<string, ReadonlySet<string>>;
  until: number;
}

const none: ReadonlySet<string> = new Set();

/** Read from the clients' rows, and remembered as long as a client's standing is. When they cannot be read, no origin is named. */
export function createWebOrigins({ clients, clock }: { clients: Clients; clock: Clock }): WebOrigins {
  let known: Snapshot | undefined;
  async function look(): Promise<Snapshot> {
    const now = clock.now().getTime();
    if (known && known.until > now && known.until - now <= limits.auth.standingCacheMs) return known;
    const active = (await clients.list()).filter((client) => client.active);
    const byClient = new Map(active.map((client) => [client.id, originsOf(client)]));
    const all = new Set([...byClient.values()].flatMap((origins) => [...origins]));
    const codes = new Map(active.map((client) => [client.id, new Set(client.stateCodes)]));
    known = { all, byClient, codes, until: now + limits.auth.standingCacheMs };
    return known;
  }
  return {
    registered: () =>
      look().then(
        ({ all }) => all,
        () => none,
      ),
    ofClient: (clientId) =>
      look().then(
        ({ byClient }) => byClient.get(clientId) ?? none,
        () => none,
      ),
    stateCodes: (clientId) => look().then(({ codes }) => codes.get(clientId) ?? none),
  };
}

/** The origins of its pages, and those that were listed. A private-use scheme has no origin. */
export function originsOf(client: Pick<Client, 'redirectUris' | 'launchUrls' | 'origins'>): ReadonlySet<string> {
  const addresses = [...client.redirectUris, ...client.launchUrls, ...client.origins];
  const origins = addresses.flatMap((address) => (URL.canParse(address) ? [new URL(address).origin] : []));
  return new Set(origins.filter((origin) => origin !== 'null'));
}

/**
 * Takes back what the edge allowed to any registered origin, unless it is one of the client that this form names. Who it names is not
 * yet proved: what an origin may read is no secret of the client's.
 */
export function onlyOriginsOfClient(origins: WebOrigins): RequestHandler {
  return async (request, response, next) => {
    const origin = request.get('origin');
    if (origin !== undefined && response.hasHeader('Access-Control-Allow-Origin')) {
      const client = namedClient(request);
      const allowed = client === undefined ? none : await origins.ofClient(client);
      if (!allowed.has(origin)) response.removeHeader('Access-Control-Allow-Origin');
    }
    next();
  };
}
