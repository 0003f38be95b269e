import { CqlDate } from '../values/date.ts';
import { addDuration } from '../values/date-arithmetic.ts';
import { CqlDateTime } from '../values/date-time.ts';
import { equal } from '../values/equality.ts';
import type { Interval } from '../values/interval.ts';
import { maxOf, minOf, predecessor, successor } from '../values/points.ts';
import type { Truth, Value } from '../values/types.ts';
import { and, not, or } from './logical.ts';
import { type At, lessAt, lessOrEqualAt, sameAt } from './ordering.ts';

/**
 * Whether a point lies in an interval. A closed bound of null holds no point back; what lies behind an open one is not known. Open
 * bounds compare exclusively, to the precision too. Source: CQL 1.5, In and Contains.
 */
export function contains(interval: Interval, point: Value, at: At): Truth {
  if (point === null) return null;
  const { low, high, lowClosed, highClosed } = interval;
  const fromLow = lowClosed ? low === null || lessOrEqualAt(low, point, at) : lessAt(low, point, at);
  if (fromLow === false) return false;
  const toHigh = highClosed ? high === null || lessOrEqualAt(point, high, at) : lessAt(point, high, at);
  if (toHigh === false) return false;
  return fromLow && toHigh;
}

/** Contains it, and more than it. */
export function properContains(interval: Interval, point: Value, at: At): Truth {
  return and(contains(interval, point, at), not(sameAt(interval.start, interval.end, at)));
}

export function includes(left: Interval, right: Interval, at: At): Truth {
  const start = lessOrEqualAt(left.start, right.start, at);
  return start === false ? false : and(start, lessOrEqualAt(right.end, left.end, at));
}

export function properIncludes(left: Interval, right: Interval, at: At): Truth {
  const isLarger = or(lessAt(left.start, right.start, at), lessAt(right.end, left.end, at));
  return and(includes(left, right, at), isLarger);
}

export function overlaps(left: Interval, right: Interval, at: At): Truth {
  const start = lessOrEqualAt(left.start, right.end, at);
  return start === false ? false : and(start, lessOrEqualAt(right.start, left.end, at));
}

export function overlapsBefore(left: Interval, right: Interval, at: At): Truth {
  return and(lessAt(left.start, right.start, at), overlaps(left, right, at));
}

export function overlapsAfter(left: Interval, right: Interval, at: At): Truth {
  return and(lessAt(right.end, left.end, at), overlaps(left, right, at));
}

/** Ends just before the other starts. */
export function meetsBefore(left: Interval, right: Interval, at: At): Truth {
  const [end, start] = [left.end, right.start];
  if (end === null || start === null) return null;
  const next = nextAt(end, at);
  // Nothing comes after the last value of a type.
  if (next === null) return isLast(left, end) ? false : null;
  return at === 0 ? and(sameAt(next, start, at), not(isFirst(right, start))) : sameAt(next, start, at);
}

export function meets(left: Interval, right: Interval, at: At): Truth {
  return or(meetsBefore(left, right, at), meetsBefore(right, left, at));
}

function nextAt(end: Value, at: At): Value {
  if (at !== 0 && (end instanceof CqlDate || end instanceof CqlDateTime))
    return end.precision >= at ? addDuration(end, 1, at) : successor(end);
  return successor(end);
}

function isLast({ pointType }: Interval, end: Value): boolean {
  return pointType !== null && equal(end, maxOf(pointType, end)) === true;
}

function isFirst({ pointType }: Interval, start: Value): boolean {
  return pointType !== null && predecessor(start) === null && equal(start, minOf(pointType, start)) === true;
}

export function starts(left: Interval, right: Interval, at: At): Truth {
  return and(sameAt(left.start, right.start, at), lessOrEqualAt(left.end, right.end, at));
}

export function ends(left: Interval, right: Interval, at: At): Truth {
  return and(sameAt(left.end, right.end, at), lessOrEqualAt(right.start, left.start, at));
}
