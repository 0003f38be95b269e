import { civilOf, dayOfMonths, daysInMonth, msInDay } from './calendar.ts';
import { CqlDate } from './date.ts';
import { CqlDateTime } from './date-time.ts';
import { type DurationUnit, msOf, type Precision } from './precision.ts';
import { CqlTime } from './time.ts';

/**
 * A date so many whole units later (earlier for a negative amount), to the precision that it has. The last day of a month stands in for one that the
 * month lacks. A unit finer than what is known of the date counts in whole units of what is known: 2014 + 18 months is 2015.
 * Null before year 1 and after year 9999. Source: CQL 1.5, date and time arithmetic.
 */
export function addDuration<T extends CqlDate | CqlDateTime>(value: T, amount: number, unit: DurationUnit): T | null;
export function addDuration(
  value: CqlDate | CqlDateTime,
  amount: number,
  unit: DurationUnit,
): CqlDate | CqlDateTime | null {
  const { precision } = value;
  if (precision < 3) return addToPartial(value, amount, unit, precision);
  if (value instanceof CqlDate) {
    if (unit === 1 || unit === 2) return addMonthsToDate(value, unit === 1 ? amount * 12 : amount);
    return CqlDate.ofDay(value.low + inDays(amount, unit));
  }
  if (unit === 1 || unit === 2) {
    const day = Math.floor(value.local / msInDay);
    const moved = addMonths(day, unit === 1 ? amount * 12 : amount);
    return CqlDateTime.ofLocal(value.local + (moved - day) * msInDay, precision, value.offset);
  }
  const step = msOf(precision);
  const ms = unit === 'week' ? amount * 7 * msInDay : amount * msOf(unit);
  return CqlDateTime.ofLocal(value.local + Math.trunc(ms / step) * step, precision, value.offset);
}

function addMonthsToDate({ year, month, day }: CqlDate, amount: number): CqlDate | null {
  const months = year * 12 + month - 1 + amount;
  const toYear = Math.floor(months / 12);
  const toMonth = months - toYear * 12 + 1;
  return CqlDate.of(toYear, toMonth, Math.min(day, daysInMonth(toYear, toMonth)));
}

/** A year or a month moves by whole years or months. */
function addToPartial(value: CqlDate | CqlDateTime, amount: number, unit: DurationUnit, precision: Precision) {
  const date = value instanceof CqlDate ? value : value.date;
  const months = precision === 1 ? inYears(amount, unit) * 12 : inMonths(amount, unit);
  const moved = CqlDate.ofDay(addMonths(date.low, months), precision);
  return moved && (value instanceof CqlDate ? moved : CqlDateTime.ofDate(moved, value.offset));
}

/** The day so many months after a day. Not a number when it is too far for a calendar. */
function addMonths(day: number, months: number): number {
  if (Math.abs(months) > 120_000) return Number.NaN;
  const civil = civilOf(day);
  return dayOfMonths(Math.floor(civil / 10000), (Math.floor(civil / 100) % 100) + months, civil % 100);
}

/** Whole days of a number of weeks, days, hours … */
function inDays(amount: number, unit: DurationUnit): number {
  if (unit === 'week') return amount * 7;
  return unit === 3 ? amount : Math.trunc((amount * msOf(unit)) / msInDay);
}

/** Whole months: a year has 12, and 30 days make one. */
function inMonths(amount: number, unit: DurationUnit): number {
  if (unit === 1) return amount * 12;
  return unit === 2 ? amount : Math.trunc(inDays(amount, unit) / 30);
}

/** Whole years: 12 months or 365 days make one. */
function inYears(amount: number, unit: DurationUnit): number {
  if (unit === 1) return amount;
  return unit === 2 ? Math.trunc(amount / 12) : Math.trunc(inDays(amount, unit) / 365);
}

/** A time of day so many units later, around the clock. Source: CQL 1.5, Add (Time). */
export function addToTime(value: CqlTime, amount: number, unit: DurationUnit): CqlTime | null {
  if (unit === 'week' || unit < 4) return value;
  const step = msOf(value.precision);
  const ms = value.low + Math.trunc((amount * msOf(unit)) / step) * step;
  return CqlTime.ofMs(((ms % msInDay) + msInDay) % msInDay, value.precision);
}
