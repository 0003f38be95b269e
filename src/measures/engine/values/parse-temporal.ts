import { msInDay } from './calendar.ts';
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
    return CqlDateTime.ofDate(date, offsetAt(date.low * msInDay));
  }
  if (text.charCodeAt(end) !== letterT) return null;
  const zoneAt = zoneStart(text, end + 1);
  const offset = zoneAt === text.length ? undefined : offsetIn(text, zoneAt);
  if (offset === null) return null;
  if (zoneAt === end + 1) return offset === undefined ? null : CqlDateTime.ofDate(date, offset);
  const time = timeIn(text, end + 1, zoneAt);
  if (time === null || date.precision !== 3) return null;
  const local = date.low * msInDay + time.low;
  return CqlDateTime.ofLocal(local, time.precision, offset ?? offsetAt(local));
}

/** `10`, `10:30`, `10:30:00`, `10:30:00.5`, with or without a `T` before; null for anything else. */
export function parseTime(text: string): CqlTime | null {
  const start = text.charCodeAt(0) === letterT ? 1 : 0;
  return timeIn(text, start, text.length);
}

const letterT = 84;
const hyphen = 45;
const colon = 58;
const point = 46;

/** Where the date at the start of a text ends: 4, 7 or 10; 0 when there is none. */
function dateEnd(text: string): number {
  if (text.charCodeAt(4) !== hyphen) return 4;
  return text.charCodeAt(7) === hyphen ? 10 : 7;
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

/** The time between two places, as exact as it is written; null when it is none. */
function timeIn(text: string, from: number, to: number): CqlTime | null {
  const length = to - from;
  const hour = length >= 2 ? digits(text, from, 2) : -1;
  if (hour < 0 || hour > 23) return null;
  if (length === 2) return CqlTime.ofMs(hour * 3_600_000, 4);
  const minute = length >= 5 && text.charCodeAt(from + 2) === colon ? digits(text, from + 3, 2) : -1;
  if (minute < 0 || minute > 59) return null;
  const minutes = hour * 3_600_000 + minute * 60_000;
  if (length === 5) return CqlTime.ofMs(minutes, 5);
  const second = length >= 8 && text.charCodeAt(from + 5) === colon ? digits(text, from + 6, 2) : -1;
  if (second < 0 || second > 59) return null;
  if (length === 8) return CqlTime.ofMs(minutes + second * 1000, 6);
  if (length === 9 || text.charCodeAt(from + 8) !== point) return null;
  const ms = thousandths(text, from + 9, to);
  return ms < 0 ? null : CqlTime.ofMs(minutes + second * 1000 + ms, 7);
}

/** The first three digits of a fraction; -1 when it is not of digits alone. */
function thousandths(text: string, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < Math.max(to, from + 3); at += 1) {
    const digit = at < to ? text.charCodeAt(at) - 48 : 0;
    if (!(digit >= 0 && digit <= 9)) return -1;
    if (at < from + 3) value = value * 10 + digit;
  }
  return value;
}
