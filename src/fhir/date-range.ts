import { commonDateRange } from './common-date.ts';

/**
 * The stretch of time a FHIR date of any precision stands for, as a half-open range of UTC instants.
 * Source: FHIR R4, search.html#date ("the date parameter … implicit precision"). Dates without a zone are read as UTC.
 */
export interface DateRange {
  /** ISO instant with milliseconds, UTC; of a Period without a start `openStart`. */
  start: string;
  /** First instant that is no longer inside; of a Period without an end `openEnd`. */
  end: string;
}

/** What lies beyond the years that FHIR can write is cut off here. */
export const distantPast = '0001-01-01T00:00:00.000Z';
export const distantFuture = '9999-12-31T23:59:59.999Z';

/**
 * The open ends of a Period, below and above any actual date (R4, search.html#date), in PostgreSQL's words; as texts they sort below
 * and above every instant too.
 */
export const openStart = '-infinity';
export const openEnd = 'infinity';

const pattern = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+\- ]\d\d:\d\d)?)?)?)?$/;

/** `2020` to `2020-02-29T12:30:00.125+01:00`; undefined for what is no FHIR date, or no day of the calendar. */
export function dateRange(text: string): DateRange | undefined {
  return commonDateRange(text) ?? anyDateRange(text);
}

/** `dateRange` for dates of every form. */
export function anyDateRange(text: string): DateRange | undefined {
  const match = pattern.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second, fraction, zone] = match;
  const start = instantOf(Number(year), Number(month ?? 1) - 1, Number(day ?? 1));
  const isOnCalendar =
    Number(year) > 0 &&
    (month === undefined || start.getUTCMonth() === Number(month) - 1) &&
    (day === undefined || start.getUTCDate() === Number(day));
  if (!isOnCalendar) return undefined;
  const end = new Date(start);
  if (month === undefined) end.setUTCFullYear(end.getUTCFullYear() + 1);
  else if (day === undefined) end.setUTCMonth(end.getUTCMonth() + 1);
  else if (hour === undefined) end.setUTCDate(end.getUTCDate() + 1);
  else return timeRange(start, Number(hour), Number(minute), second, fraction, zone);
  return { start: instantText(start), end: instantText(end) };
}

/** The range of a FHIR Period; an open side is `openStart` or `openEnd`. Undefined when neither side is a date. */
export function periodRange(start: unknown, end: unknown): DateRange | undefined {
  const from = typeof start === 'string' ? dateRange(start) : undefined;
  const to = typeof end === 'string' ? dateRange(end) : undefined;
  if (!from && !to) return undefined;
  const range = { start: from?.start ?? openStart, end: to?.end ?? openEnd };
  // A period that ends before it starts (validation refuses it, history may hold it) still has to be a range.
  return range.end > range.start || !from ? range : from;
}

/** Date.UTC reads the years 0–99 as 1900–1999. */
function instantOf(year: number, month: number, day: number): Date {
  const date = new Date(0);
  date.setUTCFullYear(year, month, day);
  return date;
}

function timeRange(
  day: Date,
  hour: number,
  minute: number,
  second: string | undefined,
  fraction: string | undefined,
  zone: string | undefined,
): DateRange | undefined {
  const zoneMinutes = zoneOffset(zone);
  // 60 is a leap second; it counts as the first second of the next minute.
  if (hour > 23 || minute > 59 || Number(second ?? 0) > 60 || zoneMinutes === undefined) return undefined;
  const fractionMs = Number((fraction ?? '0').padEnd(3, '0').slice(0, 3));
  const startMs = day.getTime() + ((hour * 60 + minute - zoneMinutes) * 60 + Number(second ?? 0)) * 1000 + fractionMs;
  return { start: instantText(new Date(startMs)), end: instantText(new Date(startMs + precisionMs(second, fraction))) };
}

function precisionMs(second: string | undefined, fraction: string | undefined): number {
  if (second === undefined) return 60_000;
  if (fraction === undefined) return 1000;
  return 10 ** Math.max(0, 3 - fraction.length);
}

/** Minutes east of UTC. A space stands for the `+` that URL decoding takes away. */
function zoneOffset(zone: string | undefined): number | undefined {
  if (zone === undefined || zone === 'Z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(4, 6));
  if (hours > 14 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}

function instantText(date: Date): string {
  const year = date.getUTCFullYear();
  if (year < 1) return distantPast;
  return year > 9999 ? distantFuture : date.toISOString();
}
