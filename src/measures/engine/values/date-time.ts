import { civilOf, dayOf, daysInMonth, firstDay, lastDay, msInDay, padded } from './calendar.ts';
import { CqlDate } from './date.ts';
import { msOf, type Precision } from './precision.ts';

const firstMs = firstDay * msInDay;
const lastMs = (lastDay + 1) * msInDay - 1;

/**
 * A moment, known to some precision, on a clock with an offset from UTC. Immutable. `low` and `high` are what comparisons use: the first and the last
 * instant that it may stand for, in milliseconds since 1970-01-01T00:00Z. To the second or finer it is one instant, because CQL compares seconds
 * and milliseconds as one decimal. Source: CQL 1.5, DateTime.
 */
export class CqlDateTime {
  readonly precision: Precision;
  /** Minutes east of UTC. */
  readonly offset: number;
  /** What its clock shows at `low`, in milliseconds as if it were UTC. */
  readonly local: number;
  /** What its clock shows at `high`. */
  readonly localHigh: number;
  readonly low: number;
  readonly high: number;
  #date: CqlDate | undefined;

  private constructor(local: number, localHigh: number, precision: Precision, offset: number) {
    this.precision = precision;
    this.offset = offset;
    this.local = local;
    this.localHigh = precision >= 6 ? local : localHigh;
    this.low = local - offset * 60_000;
    this.high = precision >= 6 ? this.low : localHigh - offset * 60_000;
  }

  /** From what the clock shows, cut to the precision; null before year 1 and after year 9999. */
  static ofLocal(localMs: number, precision: Precision, offset: number): CqlDateTime | null {
    if (!(localMs >= firstMs && localMs <= lastMs)) return null;
    if (precision >= 3) {
      const span = msOf(precision);
      const start = Math.floor(localMs / span) * span;
      return new CqlDateTime(start, start + span - 1, precision, offset);
    }
    const date = CqlDate.ofDay(Math.floor(localMs / msInDay), precision);
    return date && CqlDateTime.ofDate(date, offset);
  }

  /** The moment of an instant on a clock with an offset, to the millisecond. */
  static ofInstant(instantMs: number, offset: number): CqlDateTime | null {
    return CqlDateTime.ofLocal(instantMs + offset * 60_000, 7, offset);
  }

  /** Some time of the date. */
  static ofDate(date: CqlDate, offset: number): CqlDateTime {
    return new CqlDateTime(date.low * msInDay, (date.high + 1) * msInDay - 1, date.precision, offset);
  }

  /**
   * From its parts, as many as the precision says; null when there is no such moment.
   * @param offsetAt minutes east of UTC when clocks show a time
   */
  static of(parts: readonly number[], offsetAt: number | ((localMs: number) => number)): CqlDateTime | null {
    const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0, ms = 0] = parts;
    const precision = precisionOfLength(parts.length);
    if (precision === undefined || !(year >= 1 && year <= 9999 && month >= 1 && month <= 12)) return null;
    if (!(day >= 1 && day <= daysInMonth(year, month) && hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59))
      return null;
    if (!(second >= 0 && second <= 59 && ms >= 0 && ms <= 999)) return null;
    const local = dayOf(year, month, day) * msInDay + hour * 3_600_000 + minute * 60_000 + second * 1000 + ms;
    const offset = typeof offsetAt === 'number' ? offsetAt : offsetAt(local);
    return CqlDateTime.ofLocal(local, precision, offset);
  }

  static readonly min: CqlDateTime = new CqlDateTime(firstMs, firstMs, 7, 0);
  static readonly max: CqlDateTime = new CqlDateTime(lastMs, lastMs, 7, 0);

  /** The date on its own clock, known as well as the moment is. */
  get date(): CqlDate {
    if (this.#date !== undefined) return this.#date;
    const known: Precision = this.precision === 1 || this.precision === 2 ? this.precision : 3;
    const date = CqlDate.ofDay(Math.floor(this.local / msInDay), known);
    if (!date) throw new Error('a moment has a date');
    this.#date = date;
    return date;
  }

  /** The part of it that a precision names; null when it is not known. */
  part(precision: Precision): number | null {
    if (precision > this.precision) return null;
    if (precision > 3) return timePart(this.local, precision);
    const civil = civilOf(Math.floor(this.local / msInDay));
    return precision === 1 ? Math.floor(civil / 10000) : precision === 2 ? Math.floor(civil / 100) % 100 : civil % 100;
  }

  /** `2024-02-29T10:30:00.000+01:00`, as far as it is known. */
  toString(): string {
    const date = this.date.toString();
    if (this.precision < 4) return date;
    const size = Math.abs(this.offset);
    const zone = `${this.offset < 0 ? '-' : '+'}${padded(Math.floor(size / 60))}:${padded(size % 60)}`;
    return `${date}T${timeText(this.local, this.precision)}${zone}`;
  }
}

function precisionOfLength(length: number): Precision | undefined {
  return length >= 1 && length <= 7 && Number.isInteger(length)
    ? ([1, 2, 3, 4, 5, 6, 7] as const)[length - 1]
    : undefined;
}

/** Hour, minute, second or millisecond of a time in milliseconds. */
export function timePart(ms: number, precision: Precision): number {
  const ofDay = ms - Math.floor(ms / msInDay) * msInDay;
  if (precision === 4) return Math.floor(ofDay / 3_600_000);
  if (precision === 5) return Math.floor(ofDay / 60_000) % 60;
  return precision === 6 ? Math.floor(ofDay / 1000) % 60 : ofDay % 1000;
}

/** `10:30:00.000`, as far as the precision goes. */
export function timeText(ms: number, precision: Precision): string {
  let text = padded(timePart(ms, 4));
  if (precision >= 5) text += `:${padded(timePart(ms, 5))}`;
  if (precision >= 6) text += `:${padded(timePart(ms, 6))}`;
  if (precision >= 7) text += `.${padded(timePart(ms, 7), 3)}`;
  return text;
}
