import { limits } from '../../base/limits.ts';

/** Days as a reporter counts them, in an IANA time zone: `2026-03-01`. */

const dayMs = 24 * 3600 * 1000;

/** The calendar day of an instant in the zone. */
export function dayOf(instant: Date, zone: string): string {
  if (zone === 'UTC') return instant.toISOString().slice(0, 10);
  // Swedish writes dates as ISO 8601 does.
  return new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' }).format(instant);
}

export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * dayMs).toISOString().slice(0, 10);
}

/**
 * The last instant of a day in the zone: the moment at which kept answers are given, so that an answer is the same all day, however often
 * it is computed, and sees all that the day brought.
 */
export function endOf(day: string, zone: string): Date {
  const next = Date.parse(`${addDays(day, 1)}T00:00:00Z`);
  if (zone === 'UTC') return new Date(next - 1);
  // By the zone's offset at about that time, or at the instant it leads to: clocks may be set in between, even at midnight.
  const first = next - offsetMs(next, zone) - 1;
  const second = next - offsetMs(first + 1, zone) - 1;
  const last = Math.max(first, second);
  return new Date(dayOf(new Date(last), zone) === day ? last : Math.min(first, second));
}

/** Today and the days that are looked ahead to. */
export interface DaysAhead {
  /** Today first; one more than there are moments. */
  days: readonly string[];
  /** The last instant of each. */
  moments: readonly Date[];
}

/** The days ahead of a day, found once: every answer of that day asks for the same ones, and a zone makes them dear. */
export function createDaysAhead(zone: string): (today: string) => DaysAhead {
  let last: { today: string; ahead: DaysAhead } | undefined;
  return (today) => {
    if (last?.today === today) return last.ahead;
    const days = Array.from({ length: limits.measures.lookAheadDays + 2 }, (_, n) => addDays(today, n));
    last = { today, ahead: { days, moments: days.slice(0, -1).map((day) => endOf(day, zone)) } };
    return last.ahead;
  };
}

function offsetMs(instant: number, zone: string): number {
  const wall = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
  return Date.parse(`${wall.format(new Date(instant)).replace(' ', 'T')}Z`) - instant;
}
