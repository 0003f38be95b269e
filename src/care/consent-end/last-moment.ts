import { localDate } from '../../access/policy/age.ts';
import type { r4 } from '../../fhir/types.ts';
import { instantOf } from '../wall-clock.ts';

const day = /^\d{4}-\d{2}-\d{2}$/;
const month = /^\d{4}-\d{2}$/;
const year = /^\d{4}$/;
const dayMs = 24 * 3_600_000;

/** The first instant at which a period is over; days, months and years are those of the zone, the last one included. Undefined: it has no end. */
export function endOf(period: r4.Period | undefined, zone: string): Date | undefined {
  const text = period?.end;
  if (text === undefined) return undefined;
  const next = dayAfter(text);
  if (next !== undefined) return instantOf(next, '00:00:00', zone);
  const instant = Date.parse(text);
  return Number.isNaN(instant) ? undefined : new Date(instant + 1);
}

/** The last day of a period in the zone, YYYY-MM-DD; undefined: it has no end. */
export function lastDayOf(period: r4.Period | undefined, zone: string): string | undefined {
  const end = endOf(period, zone);
  return end && localDate(new Date(end.getTime() - 1), zone);
}

export function isOver(period: r4.Period | undefined, now: Date, zone: string): boolean {
  const end = endOf(period, zone);
  return end !== undefined && end <= now;
}

function dayAfter(text: string): string | undefined {
  if (day.test(text)) return new Date(Date.parse(`${text}T00:00:00Z`) + dayMs).toISOString().slice(0, 10);
  const [years = 0, months = 0] = text.split('-').map(Number);
  if (month.test(text)) return new Date(Date.UTC(years, months, 1)).toISOString().slice(0, 10);
  return year.test(text) ? `${String(years + 1).padStart(4, '0')}-01-01` : undefined;
}
