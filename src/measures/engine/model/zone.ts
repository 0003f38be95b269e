import type { Moment } from '../compile/types.ts';

export type Zone = Pick<Moment, 'zone' | 'offsetAt' | 'offsetAtLocal'>;

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/**
 * The offsets of an IANA time zone, remembered by day: few days of a year have more than one. Throws a RangeError for a name that is
 * no zone.
 */
export function createZone(name: string): Zone {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
  const offsetNow = (instantMs: number): number => {
    const text = format.formatToParts(instantMs).find(({ type }) => type === 'timeZoneName')?.value ?? '';
    const [, sign, hours = '0', minutes = '0'] = /^GMT(?:([+-])(\d{2}):(\d{2}))?/.exec(text) ?? [];
    return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
  };
  const isUtc = /^(?:Etc\/)?UTC$/.test(name);
  /** By day since 1970; null where the clocks change on that day. */
  const days = new Map<number, number | null>();
  const offsetAt = (instantMs: number): number => {
    if (isUtc) return 0;
    const day = Math.floor(instantMs / dayMs);
    let known = days.get(day);
    if (known === undefined) {
      const [first, last] = [offsetNow(day * dayMs), offsetNow((day + 1) * dayMs)];
      known = first === last ? first : null;
      days.set(day, known);
    }
    return known ?? offsetNow(instantMs);
  };
  return {
    zone: name,
    offsetAt,
    offsetAtLocal: (localMs) => {
      // The offset an instant too early or too late by itself: right but for the hours around a change, which the second look settles.
      const near = offsetAt(localMs - offsetAt(localMs) * minuteMs);
      return offsetAt(localMs - near * minuteMs);
    },
  };
}

/** The zone with what its clocks show. */
export function momentIn(zone: Zone, now: Date): Moment {
  return { ...zone, nowMs: now.getTime() };
}
