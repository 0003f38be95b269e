import { equal } from '../values/equality.ts';
import { Interval } from '../values/interval.ts';
import { less, lessOrEqual } from '../values/order.ts';
import { orderAt } from '../values/order-at.ts';
import type { Precision } from '../values/precision.ts';
import type { Truth, Value } from '../values/types.ts';

/** A precision to compare dates and times to; 0 for as far as they are known, and for all other values. */
export type At = Precision | 0;

/** Comparison of points to a precision. Null when either is null or the answer is not known. */
export function lessAt(left: Value, right: Value, at: At): Truth {
  if (left === null || right === null) return null;
  if (at === 0) return less(left, right);
  const sign = orderAt(left, right, at);
  return sign < 0 ? true : sign >= 0 ? false : null;
}

export function lessOrEqualAt(left: Value, right: Value, at: At): Truth {
  if (left === null || right === null) return null;
  if (at === 0) return lessOrEqual(left, right);
  const sign = orderAt(left, right, at);
  return sign <= 0 ? true : sign > 0 ? false : null;
}

export function sameAt(left: Value, right: Value, at: At): Truth {
  if (left === null || right === null) return null;
  if (at === 0) return equal(left, right);
  const sign = orderAt(left, right, at);
  return sign === 0 ? true : Number.isNaN(sign) ? null : false;
}

/** The first point of an interval; a point itself. */
export function startOf(value: Value): Value {
  return value instanceof Interval ? value.start : value;
}

/** The last point of an interval; a point itself. */
export function endOf(value: Value): Value {
  return value instanceof Interval ? value.end : value;
}

/** Source: CQL 1.5, Before: also of a point and an interval. */
export function before(left: Value, right: Value, at: At): Truth {
  return lessAt(endOf(left), startOf(right), at);
}

export function after(left: Value, right: Value, at: At): Truth {
  return lessAt(endOf(right), startOf(left), at);
}

export function sameOrBefore(left: Value, right: Value, at: At): Truth {
  return lessOrEqualAt(endOf(left), startOf(right), at);
}

export function sameOrAfter(left: Value, right: Value, at: At): Truth {
  return lessOrEqualAt(endOf(right), startOf(left), at);
}

export function sameAs(left: Value, right: Value, at: At): Truth {
  const start = sameAt(startOf(left), startOf(right), at);
  if (start === false || !(left instanceof Interval || right instanceof Interval)) return start;
  const end = sameAt(endOf(left), endOf(right), at);
  return end === false ? false : start === null || end === null ? null : true;
}
