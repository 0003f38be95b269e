import { maxOf, minOf, type PointType, pointTypeOf, predecessor, successor } from './points.ts';
import type { Value } from './types.ts';

/**
 * The points from one to another. A closed bound of null is the end of the point type; an open one is not known. Source: CQL 1.5, Interval.
 */
export class Interval {
  readonly low: Value;
  readonly high: Value;
  readonly lowClosed: boolean;
  readonly highClosed: boolean;
  /** Null when neither a bound nor the logic says it. */
  readonly pointType: PointType | null;
  /** Its first point; null when not known. */
  readonly start: Value;
  /** Its last point; null when not known. */
  readonly end: Value;

  constructor(low: Value, high: Value, lowClosed = true, highClosed = true, pointType: PointType | null = null) {
    this.low = low;
    this.high = high;
    this.lowClosed = lowClosed;
    this.highClosed = highClosed;
    this.pointType = pointTypeOf(low) ?? pointTypeOf(high) ?? pointType;
    if (low !== null) this.start = lowClosed ? low : successor(low);
    else this.start = lowClosed && this.pointType ? minOf(this.pointType, high) : null;
    if (high !== null) this.end = highClosed ? high : predecessor(high);
    else this.end = highClosed && this.pointType ? maxOf(this.pointType, low) : null;
  }
}
