import type { Request } from 'express';
import type { WatchedRequest } from '../access/audit/requests.ts';
import type { AuditTrail } from '../access/audit/trail.ts';
import type { Principal } from '../access/types.ts';
import type { Clock } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import type { RateName } from './rate-limit.ts';

/** Counts refusals by a key within a minute: answers undefined for all but the first, and with it how many more there were in the minute before. */
function createCount(clock: Clock, room: number) {
  let minute = 0;
  let told = new Map<string, number>();
  let before = new Map<string, number>();
  return (wanted: string, otherwise: string): { key: string; further: number } | undefined => {
    const now = Math.floor(clock.now().getTime() / 60_000);
    if (now !== minute) {
      before = now === minute + 1 ? told : new Map();
      told = new Map();
      minute = now;
    }
    const key = told.size < room || told.has(wanted) ? wanted : otherwise;
    const known = told.get(key);
    told.set(key, (known ?? 0) + 1);
    return known === undefined ? { key, further: (before.get(key) ?? 1) - 1 } : undefined;
  };
}

/** `throttled`, and what of the minute before was not told one by one. */
function words(what: string, further: number): string {
  return further === 0 ? `throttled ${what}` : `throttled ${what}, ${further} more in the minute before`;
}

/**
 * The same of somebody who is known, who was kept waiting (429): one line a minute for each caller, which says who it is and what was asked first,
 * with how many more there were since. Answers true when this request is not told by itself.
 */
export function createThrottledCallers(clock: Clock): (principal: Principal, watched: WatchedRequest) => boolean {
  const count = createCount(clock, limits.rates.toldCallers);
  return ({ clientId, id }, watched) => {
    const first = count(`${clientId} ${id}`, '');
    if (first) watched.about({ detail: words('caller', first.further) });
    else watched.drop();
    return first === undefined;
  };
}

/**
 * Tells the audit trail that somebody nobody knows yet is kept waiting (429): once a minute for each address and limit, with how many
 * requests were refused since the last time it was told; of more addresses than a minute has room for, once for all of them. A flood so leaves
 * a few lines, not a flood of lines. Whether the trail could hold it changes nothing: the request is refused.
 */
export function createThrottled(trail: AuditTrail, clock: Clock): (name: RateName, request: Request) => Promise<void> {
  const count = createCount(clock, limits.rates.toldAddresses);
  return async (name, request) => {
    const address = request.ip;
    const first = count(`${name} ${address}`, name);
    if (!first) return;
    await trail.record({
      act: 'none',
      outcome: 'refused',
      status: 429,
      who: first.key === name || address === undefined ? {} : { address },
      requestId: String(request.res?.locals.requestId),
      detail: words(name, first.further),
    });
  };
}
