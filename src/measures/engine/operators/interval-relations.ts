import { CqlDate } from '../values/date.ts';
import { addDuration } from '../values/date-arithmetic.ts';
import { CqlDateTime } from '../values/date-time.ts';
import { equal } from '../values/equality.ts';
import { type Interval, PointRange } from '../values/interval.ts';
import { predecessor, successor } from '../values/points.ts';
import type { Truth, Value } from '../values/types.ts';
import { and, not, or } from './logical.ts';
import { type At, lessAt, lessOrEqualAt, sameAt } from './ordering.ts';

/**
 * Whether a point lies in an interval. A closed bound of null holds no point back; what lies behind an open one is not known. Open
 * bounds compare exclusively, to the precision too. Source: CQL 1.5, In and Contains.
 */
export function contains(interval: Interval, point: Value, at: At): Truth {
  if (point === null) return null;
  const fromLow = isFromLow(interval, point, at);
  if (fromLow === false && interval.lowClosed && interval.highClosed) return false;
  const toHigh = fromLow === false ? false : isToHigh(interval, point, at);
  if (toHigh === true && fromLow === true) return true;
  const isInside = fromLow === false || toHigh === false ? false : null;
  return isBound(interval, point) || isInside;
}

/**
 * What is equal to a closed bound is in the interval, even when the other bound is not known well enough, or is open and the same to the
 * precision asked for.
 */
function isBound({ low, high, lowClosed, highClosed }: Interval, point: Value): boolean {
  return (lowClosed && equal(low, point) === true) || (highClosed && equal(point, high) === true);
}

function isFromLow(interval: Interval, point: Value, at: At): Truth {
  const { low, lowClosed } = interval;
  if (low === null) return lowClosed || lessOrEqualAt(interval.first, point, at);
  return lowClosed ? lessOrEqualAt(low, point, at) : lessAt(low, point, at);
}

function isToHigh(interval: Interval, point: Value, at: At): Truth {
  const { high, highClosed } = interval;
  if (high === null) return highClosed || lessOrEqualAt(point, interval.last, at);
  return highClosed ? lessOrEqualAt(point, high, at) : lessAt(point, high, at);
}

/** Contains it, and more than it. */
export function properContains(interval: Interval, point: Value, at: At): Truth {
  return and(contains(interval, point, at), not(sameAt(interval.first, interval.last, at)));
}

export function includes(left: Interval, right: Interval, at: At): Truth {
  const start = lessOrEqualAt(left.first, right.first, at);
  return start === false ? false : and(start, lessOrEqualAt(right.last, left.last, at));
}

export function properIncludes(left: Interval, right: Interval, at: At): Truth {
  const isLarger = or(lessAt(left.first, right.first, at), lessAt(right.last, left.last, at));
  return and(includes(left, right, at), isLarger);
}

export function overlaps(left: Interval, right: Interval, at: At): Truth {
  const start = lessOrEqualAt(left.first, right.last, at);
  return start === false ? false : and(start, lessOrEqualAt(right.first, left.last, at));
}

export function overlapsBefore(left: Interval, right: Interval, at: At): Truth {
  return and(lessAt(left.first, right.first, at), overlaps(left, right, at));
}

export function overlapsAfter(left: Interval, right: Interval, at: At): Truth {
  return and(lessAt(right.last, left.last, at), overlaps(left, right, at));
}

/** Ends just before the other starts: on the point before its start. Before the first value of a type there is none. */
export function meetsBefore(left: Interval, right: Interval, at: At): Truth {
  const { last } = left;
  const { first } = right;
  if (last === null || first === null) return null;
  if (!(first instanceof PointRange)) {
    const previous = neighbour(first, -1, at);
    return previous === null ? false : sameAt(last, previous, at);
  }
  if (last instanceof PointRange) return null;
  const next = neighbour(last, 1, at);
  return next === null ? false : sameAt(next, first, at);
}

export function meets(left: Interval, right: Interval, at: At): Truth {
  return or(meetsBefore(left, right, at), meetsBefore(right, left, at));
}

/** The point after or before a point, a step of the precision away. */
function neighbour(point: Value, by: 1 | -1, at: At): Value {
  const isDate = point instanceof CqlDate || point instanceof CqlDateTime;
  if (at !== 0 && isDate && point.precision >= at) return addDuration(point, by, at);
  return by === 1 ? successor(point) : predecessor(point);
}

export function starts(left: Interval, right: Interval, at: At): Truth {
  return and(sameAt(left.first, right.first, at), lessOrEqualAt(left.last, right.last, at));
}

export function ends(left: Interval, right: Interval, at: At): Truth {
  return and(sameAt(left.last, right.last, at), lessOrEqualAt(right.first, left.first, at));
}
