import { CqlDate } from './date.ts';
import { CqlDateTime } from './date-time.ts';
import { CqlTime } from './time.ts';

/** Minutes east of UTC when clocks show a time (milliseconds as if it were UTC). */
export type OffsetAtLocal = (localMs: number) => number;

/** `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, of the calendar; null for anything else. */
export function parseDate(text: string): CqlDate | null {
  const end = dateEnd(text);
  return end === text.length ? dateIn(text, end) : null;
}

/** The date at the start of a text that may go on with a time: what CQL's ToDate reads. */
export function parseDatePart(text: string): CqlDate | null {
  const end = dateEnd(text);
  if (end === text.length) return dateIn(text, end);
  return parseDateTime(text, utc) ? dateIn(text, end) : null;
}

function utc(): number {
  return 0;
}

/**
 * A date, or a date with a time to any precision, as FHIR and CQL write them: `2024`, `2024-05-01T`, `2024-05-01T10:30:00.5-05:00`. Null
 * for anything else. Of a fraction of a second the first three digits count.
 */
export function parseDateTime(text: string, offsetAt: OffsetAtLocal): CqlDateTime | null {
  const end = dateEnd(text);
  const date = dateIn(text, end);
  if (date === null) return null;
  if (end === text.length || (text.charCodeAt(end) === letterT && end + 1 === text.length)) {
    return CqlDateTime.of(dateParts(date), offsetAt);
  }
  if (text.charCodeAt(end) !== letterT) return null;
  const zoneAt = zoneStart(text, end + 1);
  const offset = zoneAt === text.length ? offsetAt : offsetIn(text, zoneAt);
  if (offset === null) return null;
  if (zoneAt === end + 1) return CqlDateTime.of(dateParts(date), offset);
  const time = timeParts(text, end + 1, zoneAt);
  return time && date.precision === 3 ? CqlDateTime.of([date.year, date.month, date.day, ...time], offset) : null;
}

/** `10`, `10:30`, `10:30:00`, `10:30:00.5`, with or without a `T` before; null for anything else. */
export function parseTime(text: string): CqlTime | null {
  const start = text.charCodeAt(0) === letterT ? 1 : 0;
  const parts = timeParts(text, start, text.length);
  return parts && CqlTime.of(parts);
}

const letterT = 84;
const hyphen = 45;
const colon = 58;

/** Where the date at the start of a text ends: 4, 7 or 10; 0 when there is none. */
function dateEnd(text: string): number {
  if (text.charCodeAt(4) !== hyphen) return 4;
  return text.charCodeAt(7) === hyphen ? 10 : 7;
}

function dateParts({ year, month, day }: CqlDate): number[] {
  return day ? [year, month, day] : month ? [year, month] : [year];
}

function dateIn(text: string, end: number): CqlDate | null {
  const year = digits(text, 0, 4);
  const month = end >= 7 ? digits(text, 5, 2) : 0;
  const day = end >= 10 ? digits(text, 8, 2) : 0;
  if (year < 0 || (end >= 7 && month <= 0) || (end >= 10 && day <= 0)) return null;
  return CqlDate.of(year, month, day);
}

/** A number of so many digits; -1 when they are not all digits. */
function digits(text: string, from: number, count: number): number {
  let value = 0;
  for (let at = from; at < from + count; at += 1) {
    const digit = text.charCodeAt(at) - 48;
    if (!(digit >= 0 && digit <= 9)) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** Where the offset begins; the end of the text when there is none. */
function zoneStart(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (character === 90 || character === 43 || character === hyphen) return at;
  }
  return text.length;
}

/** Minutes of `Z` or `±hh:mm`; null for anything else, or more than 14 hours. */
function offsetIn(text: string, at: number): number | null {
  if (text.charCodeAt(at) === 90) return at + 1 === text.length ? 0 : null;
  if (text.length !== at + 6 || text.charCodeAt(at + 3) !== colon) return null;
  const hours = digits(text, at + 1, 2);
  const minutes = digits(text, at + 4, 2);
  if (hours < 0 || minutes < 0 || minutes > 59 || hours * 60 + minutes > 14 * 60) return null;
  return text.charCodeAt(at) === hyphen ? -(hours * 60 + minutes) : hours * 60 + minutes;
}

/** Hour, minute, second, millisecond, as many as there are between two places; null when it is no time. */
function timeParts(text: string, from: number, to: number): number[] | null {
  const parts: number[] = [];
  for (let at = from; parts.length < 3; at += 3) {
    const part = digits(text, at, 2);
    if (part < 0 || at + 2 > to) return null;
    parts.push(part);
    if (at + 2 === to) return parts;
    if (text.charCodeAt(at + 2) !== (parts.length < 3 ? colon : 46)) return null;
  }
  const start = from + 9;
  if (start >= to) return null;
  for (let at = start; at < to; at += 1) if (digits(text, at, 1) < 0) return null;
  parts.push(Number(text.slice(start, Math.min(to, start + 3)).padEnd(3, '0')));
  return parts;
}
