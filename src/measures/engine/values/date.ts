import { civilOf, dayOf, daysInMonth, firstDay, lastDay, padded } from './calendar.ts';
import type { Precision } from './precision.ts';

/** A date, a month or a year. Immutable. Source: CQL 1.5, Date. */
export class CqlDate {
  readonly year: number;
  /** 1 to 12; 0 when not known. */
  readonly month: number;
  /** 1 to 31; 0 when not known. */
  readonly day: number;
  readonly precision: Precision;
  /** The first day that it may stand for, counted from 1970-01-01. */
  readonly low: number;
  /** The last day that it may stand for. */
  readonly high: number;

  private constructor(year: number, month: number, day: number) {
    this.year = year;
    this.month = month;
    this.day = day;
    this.precision = day !== 0 ? 3 : month !== 0 ? 2 : 1;
    this.low = dayOf(year, month || 1, day || 1);
    this.high = day !== 0 ? this.low : dayOf(year, month || 12, daysInMonth(year, month || 12));
  }

  /** Null when there is no such date. A month or day of 0 is one that is not known. */
  static of(year: number, month = 0, day = 0): CqlDate | null {
    if (!(year >= 1 && year <= 9999 && month >= 0 && month <= 12 && day >= 0)) return null;
    if (day !== 0 && (month === 0 || day > daysInMonth(year, month))) return null;
    return new CqlDate(year, month, day);
  }

  /** The date of a day, to a precision; null before year 1 and after year 9999. */
  static ofDay(days: number, precision: Precision = 3): CqlDate | null {
    if (!(days >= firstDay && days <= lastDay)) return null;
    const civil = civilOf(days);
    const year = Math.floor(civil / 10000);
    return new CqlDate(year, precision >= 2 ? Math.floor(civil / 100) % 100 : 0, precision >= 3 ? civil % 100 : 0);
  }

  /** `2024-02-29`, `2024-02`, `2024`. */
  toString(): string {
    const month = this.month ? `-${padded(this.month)}` : '';
    return `${padded(this.year, 4)}${month}${this.day ? `-${padded(this.day)}` : ''}`;
  }
}
