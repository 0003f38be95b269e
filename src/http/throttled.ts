import type { Request } from 'express';
import type { AuditTrail } from '../access/audit/trail.ts';
import type { Clock } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import type { RateName } from './rate-limit.ts';

/**
 * Tells the audit trail that somebody nobody knows yet is kept waiting (429): once a minute for each address and limit, with how many
 * requests were refused since the last time it was told; of more addresses than a minute has room for, once for all of them. A flood so leaves
 * a few lines, not a flood of lines. Whether the trail could hold it changes nothing: the request is refused.
 */
export function createThrottled(trail: AuditTrail, clock: Clock): (name: RateName, request: Request) => Promise<void> {
  let minute = 0;
  let told = new Map<string, number>();
  let before = new Map<string, number>();
  return async (name, request) => {
    const now = Math.floor(clock.now().getTime() / 60_000);
    if (now !== minute) {
      before = now === minute + 1 ? told : new Map();
      told = new Map();
      minute = now;
    }
    const isRoom = told.size < limits.rates.toldAddresses;
    const address = request.ip;
    const key = isRoom || told.has(`${name} ${address}`) ? `${name} ${address}` : name;
    const known = told.get(key);
    told.set(key, (known ?? 0) + 1);
    if (known !== undefined) return;
    const further = (before.get(key) ?? 1) - 1;
    await trail.record({
      act: 'none',
      outcome: 'refused',
      status: 429,
      who: key === name || address === undefined ? {} : { address },
      requestId: String(request.res?.locals.requestId),
      detail: further === 0 ? `throttled ${name}` : `throttled ${name}, ${further} more in the minute before`,
    });
  };
}
