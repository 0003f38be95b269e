import { maxOf, minOf, type PointType, pointTypeOf, predecessor, successor } from './points.ts';
import type { Value } from './types.ts';

/** Some point from one to another: where an interval begins or ends whose bound is not known. */
export class PointRange {
  readonly low: Value;
  readonly high: Value;

  constructor(low: Value, high: Value) {
    this.low = low;
    this.high = high;
  }
}

/** A point, or what is known of one. */
export type Edge = Value | PointRange;

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

  /** Its first point as far as it is known: an open bound of null lies somewhere before the end. */
  get first(): Edge {
    if (this.low !== null || this.lowClosed || this.pointType === null) return this.start;
    return new PointRange(minOf(this.pointType, this.high), this.end ?? maxOf(this.pointType, this.high));
  }

  /** Its last point as far as it is known. */
  get last(): Edge {
    if (this.high !== null || this.highClosed || this.pointType === null) return this.end;
    return new PointRange(this.start ?? minOf(this.pointType, this.low), maxOf(this.pointType, this.low));
  }
}
