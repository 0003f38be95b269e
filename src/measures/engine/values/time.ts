import { msInDay } from './calendar.ts';
import { timePart, timeText } from './date-time.ts';
import { msOf, type Precision } from './precision.ts';

/** A time of day, known to the hour (precision 4) or finer. `low` and `high` are as in CqlDateTime, in milliseconds of the day. Source: CQL 1.5, Time. */
export class CqlTime {
  readonly precision: Precision;
  readonly low: number;
  readonly high: number;

  private constructor(ms: number, precision: Precision) {
    this.precision = precision;
    this.low = ms;
    this.high = precision >= 6 ? ms : ms + msOf(precision) - 1;
  }

  /** From milliseconds of the day, cut to the precision; null when out of the day. */
  static ofMs(ms: number, precision: Precision = 7): CqlTime | null {
    if (!(ms >= 0 && ms < msInDay) || precision < 4) return null;
    return new CqlTime(Math.floor(ms / msOf(precision)) * msOf(precision), precision);
  }

  /** From hour, minute, second, millisecond, as many as are known; null when there is no such time. */
  static of(parts: readonly number[]): CqlTime | null {
    const [hour = -1, minute = 0, second = 0, ms = 0] = parts;
    if (!(hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59)) return null;
    if (!(second >= 0 && second <= 59 && ms >= 0 && ms <= 999)) return null;
    const precision = ([4, 5, 6, 7] as const)[parts.length - 1];
    return precision === undefined
      ? null
      : CqlTime.ofMs(hour * 3_600_000 + minute * 60_000 + second * 1000 + ms, precision);
  }

  static readonly min: CqlTime = new CqlTime(0, 7);
  static readonly max: CqlTime = new CqlTime(msInDay - 1, 7);

  /** Hour, minute, second or millisecond; null when it is not known. */
  part(precision: Precision): number | null {
    return precision < 4 || precision > this.precision ? null : timePart(this.low, precision);
  }

  /** `10:30:00.000`, as far as it is known. */
  toString(): string {
    return timeText(this.low, this.precision);
  }
}
