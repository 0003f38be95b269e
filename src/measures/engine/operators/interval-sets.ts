import { Interval } from '../values/interval.ts';
import { predecessor, successor } from '../values/points.ts';
import type { Value } from '../values/types.ts';
import { meets, overlaps } from './interval-relations.ts';
import { not, or } from './logical.ts';
import { lessAt, lessOrEqualAt } from './ordering.ts';

interface Bound {
  value: Value;
  isClosed: boolean;
}

const unknown: Bound = { value: null, isClosed: false };

/** From the earlier start to the later end, if they overlap or meet; null when they do not, or it is not known. Source: CQL 1.5, Union. */
export function unionIntervals(left: Interval, right: Interval): Interval | null {
  if (or(overlaps(left, right, 0), meets(left, right, 0)) !== true) return null;
  return between(lowOf(left, right, true), highOf(left, right, false), left, right);
}

/** What they share; null when they share nothing. Where a bound is not known, nor is that of what they share. Source: CQL 1.5, Intersect. */
export function intersectIntervals(left: Interval, right: Interval): Interval | null {
  if (overlaps(left, right, 0) === false) return null;
  const [low, high] = [lowOf(left, right, false), highOf(left, right, true)];
  return low.value === null && !low.isClosed && high.value === null && !high.isClosed
    ? null
    : between(low, high, left, right);
}

function between(low: Bound, high: Bound, left: Interval, right: Interval): Interval {
  return new Interval(low.value, high.value, low.isClosed, high.isClosed, left.pointType ?? right.pointType);
}

/** The bound of the one that starts first, or last. */
function lowOf(left: Interval, right: Interval, isFirst: boolean): Bound {
  const isLess = lessOrEqualAt(left.first, right.first, 0) ?? not(lessOrEqualAt(right.first, left.first, 0));
  if (isLess === null) return unknown;
  const chosen = isLess === isFirst ? left : right;
  return { value: chosen.low, isClosed: chosen.lowClosed };
}

/** The bound of the one that ends first, or last. */
function highOf(left: Interval, right: Interval, isFirst: boolean): Bound {
  const isLess = lessOrEqualAt(left.last, right.last, 0) ?? not(lessOrEqualAt(right.last, left.last, 0));
  if (isLess === null) return unknown;
  const chosen = isLess === isFirst ? left : right;
  return { value: chosen.high, isClosed: chosen.highClosed };
}

/**
 * The part of the left that the right leaves; null when it leaves nothing, or two parts, or it is not known. Source: CQL 1.5, Except.
 */
export function exceptInterval(left: Interval, right: Interval): Interval | null {
  const shared = overlaps(left, right, 0);
  if (shared === false) return left;
  if (shared === null) return null;
  const startsFirst = lessAt(left.first, right.first, 0);
  const endsLast = lessAt(right.last, left.last, 0);
  if (startsFirst === true && endsLast === false) {
    return new Interval(left.low, predecessor(right.start), left.lowClosed, true, left.pointType);
  }
  if (startsFirst === false && endsLast === true) {
    return new Interval(successor(right.end), left.high, true, left.highClosed, left.pointType);
  }
  return null;
}
