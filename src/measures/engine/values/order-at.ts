import { civilOf, msInDay } from './calendar.ts';
import { CqlDate } from './date.ts';
import { CqlDateTime } from './date-time.ts';
import { msOf, type Precision } from './precision.ts';
import { CqlTime } from './time.ts';
import type { Value } from './types.ts';

/**
 * Orders two dates or times to a precision: -1, 0 or 1; not a number when the order is not known, which it never is to be called the same
 * when either is not known to that precision. Years, months and days are those on each value's own clock; from the hour on, instants are
 * compared, on the clock of the left. Source: CQL 1.5, Same As, Before, After.
 */
export function orderAt(left: Value, right: Value, precision: Precision): number {
  if (left instanceof CqlDateTime) {
    if (right instanceof CqlDateTime) return orderDateTimes(left, right, precision);
    return right instanceof CqlDate
      ? orderDateTimes(left, CqlDateTime.ofDate(right, left.offset), precision)
      : Number.NaN;
  }
  if (left instanceof CqlDate) {
    if (right instanceof CqlDateTime) return orderDateTimes(CqlDateTime.ofDate(left, right.offset), right, precision);
    if (!(right instanceof CqlDate)) return Number.NaN;
    const isKnown = left.precision >= precision && right.precision >= precision;
    return orderKeys(
      dayKey(left.low, precision),
      dayKey(left.high, precision),
      dayKey(right.low, precision),
      dayKey(right.high, precision),
      isKnown,
    );
  }
  if (!(left instanceof CqlTime && right instanceof CqlTime)) return Number.NaN;
  const span = msOf(precision);
  const isKnown = left.precision >= precision && right.precision >= precision;
  return orderKeys(
    Math.floor(left.low / span),
    Math.floor(left.high / span),
    Math.floor(right.low / span),
    Math.floor(right.high / span),
    isKnown || knownAsDecimal(left.precision, right.precision, precision),
  );
}

function orderDateTimes(left: CqlDateTime, right: CqlDateTime, precision: Precision): number {
  const isKnown = left.precision >= precision && right.precision >= precision;
  if (precision <= 3) {
    return orderKeys(
      dayKey(Math.floor(left.local / msInDay), precision),
      dayKey(Math.floor(left.localHigh / msInDay), precision),
      dayKey(Math.floor(right.local / msInDay), precision),
      dayKey(Math.floor(right.localHigh / msInDay), precision),
      isKnown,
    );
  }
  const span = msOf(precision);
  const shift = left.offset * 60_000;
  return orderKeys(
    Math.floor((left.low + shift) / span),
    Math.floor((left.high + shift) / span),
    Math.floor((right.low + shift) / span),
    Math.floor((right.high + shift) / span),
    isKnown || knownAsDecimal(left.precision, right.precision, precision),
  );
}

/** Seconds and milliseconds are one decimal: to the second is enough for milliseconds. */
function knownAsDecimal(left: Precision, right: Precision, precision: Precision): boolean {
  return precision === 7 && left >= 6 && right >= 6;
}

/** The year, month or day of a day, as a number that grows with time. */
function dayKey(day: number, precision: Precision): number {
  if (precision >= 3) return day;
  const civil = civilOf(day);
  return precision === 1 ? Math.floor(civil / 10000) : Math.floor(civil / 100);
}

function orderKeys(lowLeft: number, highLeft: number, lowRight: number, highRight: number, isKnown: boolean): number {
  if (highLeft < lowRight) return -1;
  if (lowLeft > highRight) return 1;
  return isKnown && lowLeft === lowRight && highLeft === highRight ? 0 : Number.NaN;
}
