import { hash, randomBytes } from 'node:crypto';
import type { Request } from 'express';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Principal } from '../access/types.ts';
import { isLoopbackAddress, networkOf } from '../base/addresses.ts';
import { type Err, fail } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import type { Route } from './route.ts';

/** What is counted, each by itself; the numbers are requests a minute. */
export type RateName = keyof typeof limits.rates.perMinute;

export interface RateLimits {
  /** Counts a request by where it comes from. Answers the refusal (429) when there were too many. */
  ofAddress(name: RateName, request: Request): Promise<Err | undefined>;
  /** Counts a request by who is known to ask. */
  ofCaller(route: Route, principal: Principal): Promise<Err | undefined>;
}

export interface RateOptions {
  /** In place of the numbers of `limits.rates`. */
  perMinute?: Readonly<Partial<Record<RateName, number>>>;
  /** How many times more a machine (a client without a person) may ask. */
  machineFactor?: number;
  /** Counts this machine's own address too: where a proxy on it is not named as trusted, everybody would come from there. */
  countLoopback: boolean;
}

/**
 * Rate limits of this process (TH-63), in memory. Who asks is kept as one of a bounded number of hashes, salted anew at each start:
 * nobody's name or address stays here, and nobody can look for somebody else to be counted with.
 */
export function createRateLimits(options: RateOptions): RateLimits {
  const salt = randomBytes(16).toString('base64');
  const perMinute = { ...limits.rates.perMinute, ...options.perMinute };
  const factor = options.machineFactor ?? limits.rates.machineFactor;
  const counters = new Map<string, RateLimiterMemory>();
  const counterOf = (name: RateName, times: number) => {
    const key = `${name} ${times}`;
    const known = counters.get(key) ?? new RateLimiterMemory({ points: perMinute[name] * times, duration: 60 });
    counters.set(key, known);
    return known;
  };
  // A caller's hash as long as its token is remembered: that holds the list of scopes, and says who it is anyway.
  const buckets = new WeakMap<Principal['scopes'], { who: string; bucket: number }>();
  const bucketOfCaller = ({ id, clientId, scopes }: Principal): number => {
    const who = `${clientId} ${id}`;
    const known = buckets.get(scopes);
    if (known?.who === who) return known.bucket;
    const bucket = bucketOf(`${salt} ${who}`);
    buckets.set(scopes, { who, bucket });
    return bucket;
  };
  const take = async (name: RateName, bucket: number, times = 1): Promise<Err | undefined> => {
    try {
      await counterOf(name, times).consume(bucket);
      return undefined;
    } catch (full) {
      if (!(full instanceof RateLimiterRes)) throw full;
      const retryAfterSeconds = Math.max(1, Math.ceil(full.msBeforeNext / 1000));
      return fail('busy', 'Too many requests: wait, and go on more slowly.', { code: 'throttled', retryAfterSeconds });
    }
  };
  return {
    async ofAddress(name, request) {
      const address = request.ip ?? '';
      if (!options.countLoopback && isLoopback(address)) return undefined;
      return take(name, bucketOf(`${salt} ${networkOf(address)}`));
    },
    ofCaller: (route, principal) =>
      take(rateOf(route), bucketOfCaller(principal), principal.kind === 'client' ? factor : 1),
  };
}

function bucketOf(who: string): number {
  return Number.parseInt(hash('sha256', who, 'hex').slice(0, 8), 16) % limits.rates.buckets;
}

function isLoopback(address: string): boolean {
  return isLoopbackAddress(address.replace(/^::ffff:/i, ''));
}

function rateOf(route: Route): RateName {
  if (route.name.startsWith('search') || route.name.startsWith('history')) return 'search';
  if (route.name === 'operation') return /export/.test(route.operation) ? 'export' : 'operation';
  const writes = ['bundle', 'create', 'update', 'patch', 'delete'];
  return writes.includes(route.name) ? 'write' : 'read';
}
