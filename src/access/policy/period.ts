import { isObject } from '../../fhir/search/walk-path.ts';
import type { Resource } from '../../fhir/types.ts';
import { localDate } from './age.ts';
import type { Policy } from './compile.ts';

/**
 * Whether a moment lies in a Period. Days, months and years are those of the policy's time zone, the last one included. Undefined when
 * the Period cannot be read: whoever asks decides what then protects. An absent Period is always.
 */
export function isWithin(period: unknown, now: Date, timeZone: string): boolean | undefined {
  if (period === undefined) return true;
  if (!isObject(period)) return undefined;
  const started = period.start === undefined ? true : compare(period.start, now, timeZone, (order) => order >= 0);
  const open = period.end === undefined ? true : compare(period.end, now, timeZone, (order) => order <= 0);
  return started === undefined || open === undefined ? undefined : started && open;
}

/** True for a role, or a person's tie to a child, that has not been ended, and whose time it is. */
export function isActive({ active, period }: Resource, policy: Policy, now: Date): boolean {
  return active !== false && isWithin(period, now, policy.document.timeZone) === true;
}

const date = /^\d{4}(-\d{2}(-\d{2})?)?$/;

/** Asks how now stands to a date (0: on that very day) or instant. */
function compare(at: unknown, now: Date, timeZone: string, holds: (order: number) => boolean): boolean | undefined {
  if (typeof at !== 'string') return undefined;
  if (date.test(at)) {
    const today = localDate(now, timeZone).slice(0, at.length);
    return holds(today === at ? 0 : today > at ? 1 : -1);
  }
  const instant = /T.*(Z|[+-]\d\d:\d\d)$/.test(at) ? Date.parse(at) : Number.NaN;
  return Number.isNaN(instant) ? undefined : holds(Math.sign(now.getTime() - instant));
}
