import { equal } from '../values/equality.ts';
import { type Edge, Interval, PointRange } from '../values/interval.ts';
import { less, lessOrEqual } from '../values/order.ts';
import { orderAt } from '../values/order-at.ts';
import type { Precision } from '../values/precision.ts';
import type { Truth, Value } from '../values/types.ts';

/** A precision to compare dates and times to; 0 for as far as they are known, and for all other values. */
export type At = Precision | 0;

/** Comparison of points to a precision. Null when either is null or the answer is not known. */
export function lessAt(left: Edge, right: Edge, at: At): Truth {
  if (left === null || right === null) return null;
  if (left instanceof PointRange || right instanceof PointRange) {
    if (lessAt(highOf(left), lowOf(right), at) === true) return true;
    return lessOrEqualAt(highOf(right), lowOf(left), at) === true ? false : null;
  }
  if (at === 0) return less(left, right);
  const sign = orderAt(left, right, at);
  return sign < 0 ? true : sign >= 0 ? false : null;
}

export function lessOrEqualAt(left: Edge, right: Edge, at: At): Truth {
  if (left === null || right === null) return null;
  if (left instanceof PointRange || right instanceof PointRange) {
    if (lessOrEqualAt(highOf(left), lowOf(right), at) === true) return true;
    return lessAt(highOf(right), lowOf(left), at) === true ? false : null;
  }
  if (at === 0) return lessOrEqual(left, right);
  const sign = orderAt(left, right, at);
  return sign <= 0 ? true : sign > 0 ? false : null;
}

export function sameAt(left: Edge, right: Edge, at: At): Truth {
  if (left === null || right === null) return null;
  if (left instanceof PointRange || right instanceof PointRange) {
    const isApart = lessAt(highOf(left), lowOf(right), at) === true || lessAt(highOf(right), lowOf(left), at) === true;
    return isApart ? false : null;
  }
  if (at === 0) return equal(left, right);
  const sign = orderAt(left, right, at);
  return sign === 0 ? true : Number.isNaN(sign) ? null : false;
}

function lowOf(edge: Edge): Value {
  return edge instanceof PointRange ? edge.low : edge;
}

function highOf(edge: Edge): Value {
  return edge instanceof PointRange ? edge.high : edge;
}

/** The first point of an interval; a point itself. */
export function startOf(value: Value): Edge {
  return value instanceof Interval ? value.first : value;
}

/** The last point of an interval; a point itself. */
export function endOf(value: Value): Edge {
  return value instanceof Interval ? value.last : value;
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
