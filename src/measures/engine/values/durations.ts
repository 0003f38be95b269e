import { civilOf, dayOfMonths, daysInMonth, msInDay } from './calendar.ts';
import { CqlDate } from './date.ts';
import { CqlDateTime } from './date-time.ts';
import { type DurationUnit, msOf } from './precision.ts';
import { CqlTime } from './time.ts';
import type { Value } from './types.ts';
import { Uncertainty } from './uncertainty.ts';

/** What a duration is counted between: the first and last moment of a value, on its clock and as an instant, in milliseconds. */
interface Bounds {
  local: number;
  localHigh: number;
  low: number;
  high: number;
}

/**
 * Whole periods from one to the other, negative when the second is earlier; an Uncertainty when either is not known well enough, null for
 * null. So many years or months have passed when adding them to the first does not go past the second: someone born on February
 * 29 is a year older on February 28 (CQL 1.5, Appendix H, example 4.b). Days and more are counted on each value's own clock, hours
 * and less between instants. Source: CQL 1.5, Duration.
 */
export function durationBetween(from: Value, to: Value, unit: DurationUnit): number | Uncertainty | null {
  if (from instanceof CqlDate && to instanceof CqlDate && from.precision === 3 && to.precision === 3) {
    if (unit === 1) return Math.trunc(monthsOfDates(from, to) / 12) || 0;
    if (unit === 2) return monthsOfDates(from, to);
    if (unit === 3) return to.low - from.low;
  }
  return between(from, to, unit, periods);
}

/** How many boundaries of the period lie between. A week begins on Sunday. Source: CQL 1.5, Difference. */
export function differenceBetween(from: Value, to: Value, unit: DurationUnit): number | Uncertainty | null {
  return between(from, to, unit, boundaries);
}

function between(
  from: Value,
  to: Value,
  unit: DurationUnit,
  count: (from: number, to: number, unit: DurationUnit) => number,
) {
  const [near, far] = [boundsOf(from, to), boundsOf(to, from)];
  if (!near || !far) return null;
  if (from instanceof CqlTime && (unit === 'week' || unit < 4)) return null;
  const isClock = unit === 'week' || unit <= 3;
  // Differences of hours are counted on one clock: that of the first.
  const shift = from instanceof CqlDateTime && !isClock ? from.offset * 60_000 : 0;
  const least = isClock ? count(near.localHigh, far.local, unit) : count(near.high + shift, far.low + shift, unit);
  const most = isClock ? count(near.local, far.localHigh, unit) : count(near.low + shift, far.high + shift, unit);
  return least <= most ? Uncertainty.between(least, most) : Uncertainty.between(most, least);
}

function boundsOf(value: Value, beside: Value): Bounds | null {
  if (value instanceof CqlDateTime) return value;
  if (value instanceof CqlDate) {
    if (beside instanceof CqlDateTime) return CqlDateTime.ofDate(value, beside.offset);
    // A day that is known is a point: dates are counted in days, whatever the time.
    const [low, high] = [value.low * msInDay, value.high * msInDay];
    return { local: low, localHigh: high, low, high };
  }
  return value instanceof CqlTime
    ? { local: value.low, localHigh: value.high, low: value.low, high: value.high }
    : null;
}

/** Whole months between two days, whose parts are at hand. */
function monthsOfDates(from: CqlDate, to: CqlDate): number {
  if (from.low > to.low) return -monthsOfDates(to, from) || 0;
  const count = (to.year - from.year) * 12 + to.month - from.month;
  // The last day of a month counts as the day that it lacks.
  const isReached = to.day >= from.day || to.day === daysInMonth(to.year, to.month);
  return isReached ? count : count - 1;
}

function periods(from: number, to: number, unit: DurationUnit): number {
  if (from > to) return -periods(to, from, unit) || 0;
  if (unit === 1) return Math.trunc(months(from, to) / 12);
  if (unit === 2) return months(from, to);
  return Math.trunc((to - from) / (unit === 'week' ? 7 * msInDay : msOf(unit)));
}

/** Whole months from one time to a later one. */
function months(from: number, to: number): number {
  const day = Math.floor(from / msInDay);
  const civil = civilOf(day);
  const end = civilOf(Math.floor(to / msInDay));
  const start = Math.floor(civil / 10000) * 12 + (Math.floor(civil / 100) % 100);
  const count = Math.floor(end / 10000) * 12 + (Math.floor(end / 100) % 100) - start;
  const reached = dayOfMonths(Math.floor(civil / 10000), (Math.floor(civil / 100) % 100) + count, civil % 100);
  return reached * msInDay + (from - day * msInDay) > to ? count - 1 : count;
}

function boundaries(from: number, to: number, unit: DurationUnit): number {
  if (unit === 1) return Math.floor(civilAt(to) / 10000) - Math.floor(civilAt(from) / 10000);
  if (unit === 2) return monthNumber(to) - monthNumber(from);
  // 1970-01-01 was a Thursday: four days after a Sunday.
  if (unit === 'week') return weekNumber(to) - weekNumber(from);
  return Math.floor(to / msOf(unit)) - Math.floor(from / msOf(unit));
}

function civilAt(ms: number): number {
  return civilOf(Math.floor(ms / msInDay));
}

function monthNumber(ms: number): number {
  const civil = civilAt(ms);
  return Math.floor(civil / 10000) * 12 + (Math.floor(civil / 100) % 100);
}

function weekNumber(ms: number): number {
  return Math.floor((Math.floor(ms / msInDay) + 4) / 7);
}
