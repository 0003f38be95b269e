import type { r4 } from '../../fhir/types.ts';

const day = /^\d{4}-\d{2}-\d{2}$/;
const month = /^\d{4}-\d{2}$/;
const year = /^\d{4}$/;
const dayMs = 24 * 3_600_000;

/** The first instant at which a period is over; days, months and years are those of the zone, the last one included. Undefined: it has no end. */
export function endOf(period: r4.Period | undefined, zone: string): Date | undefined {
  const text = period?.end;
  if (text === undefined) return undefined;
  const next = dayAfter(text);
  if (next !== undefined) return midnight(next, zone);
  const instant = Date.parse(text);
  return Number.isNaN(instant) ? undefined : new Date(instant + 1);
}

/** The last day of a period in the zone, YYYY-MM-DD; undefined: it has no end. */
export function lastDayOf(period: r4.Period | undefined, zone: string): string | undefined {
  const end = endOf(period, zone);
  return end && localDay(new Date(end.getTime() - 1), zone);
}

export function isOver(period: r4.Period | undefined, now: Date, zone: string): boolean {
  const end = endOf(period, zone);
  return end !== undefined && end <= now;
}

export function hasBegun(period: r4.Period | undefined, now: Date, zone: string): boolean {
  const text = period?.start;
  if (text === undefined) return true;
  if (!text.includes('T')) return text <= localDay(now, zone).slice(0, text.length);
  return Date.parse(text) <= now.getTime();
}

function dayAfter(text: string): string | undefined {
  if (day.test(text)) return new Date(Date.parse(`${text}T00:00:00Z`) + dayMs).toISOString().slice(0, 10);
  const [years = 0, months = 0] = text.split('-').map(Number);
  if (month.test(text)) return new Date(Date.UTC(years, months, 1)).toISOString().slice(0, 10);
  return year.test(text) ? `${String(years + 1).padStart(4, '0')}-01-01` : undefined;
}

/** The calendar day of an instant in the zone. */
function localDay(instant: Date, zone: string): string {
  // Swedish writes dates as ISO 8601 does.
  return new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' }).format(instant);
}

/** The first instant of a day in the zone. */
function midnight(date: string, zone: string): Date {
  const wanted = Date.parse(`${date}T00:00:00Z`);
  // By the zone's offset at about that time, or at the instant it leads to: clocks may be set in between.
  const first = wanted - offsetMs(wanted, zone);
  const second = wanted - offsetMs(first, zone);
  const [early, late] = first < second ? [first, second] : [second, first];
  return new Date(localDay(new Date(early), zone) === date ? early : late);
}

function offsetMs(instant: number, zone: string): number {
  const wall = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
  return Date.parse(`${wall.format(new Date(instant)).replace(' ', 'T')}Z`) - instant;
}
