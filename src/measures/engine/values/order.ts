import { compareQuantities } from './convert-quantity.ts';
import { CqlDate } from './date.ts';
import { CqlDateTime } from './date-time.ts';
import { Decimal } from './decimal.ts';
import { Quantity } from './quantity.ts';
import { CqlTime } from './time.ts';
import type { Truth, Value } from './types.ts';
import { Uncertainty } from './uncertainty.ts';

/** What may stand for several moments. */
interface Span {
  readonly low: number;
  readonly high: number;
}

/**
 * -1, 0 or 1; not a number when the order is not known or there is none. Dates and times are compared part by part, as far as both are
 * known: when one is known further than the other and they agree so far, the order is not known, even at the edge
 * (2012 and 2012-12-31). Source: CQL 1.5, comparison operators.
 */
export function order(left: Value, right: Value): number {
  if (typeof left === 'number' && typeof right === 'number') return left < right ? -1 : left > right ? 1 : 0;
  if (left instanceof CqlDateTime) return orderDateTime(left, right);
  if (left instanceof CqlDate) {
    if (right instanceof CqlDate) return orderSpans(left, right);
    return right instanceof CqlDateTime ? orderSpans(CqlDateTime.ofDate(left, right.offset), right) : Number.NaN;
  }
  if (typeof left === 'string') {
    if (typeof right !== 'string') return Number.NaN;
    return left < right ? -1 : left > right ? 1 : 0;
  }
  if (left instanceof Quantity) return right instanceof Quantity ? compareQuantities(left, right) : Number.NaN;
  if (left instanceof CqlTime) return right instanceof CqlTime ? orderSpans(left, right) : Number.NaN;
  return orderNumbers(left, right);
}

function orderDateTime(left: CqlDateTime, right: Value): number {
  if (right instanceof CqlDateTime) return orderSpans(left, right);
  return right instanceof CqlDate ? orderSpans(left, CqlDateTime.ofDate(right, left.offset)) : Number.NaN;
}

function orderSpans(left: Span, right: Span): number {
  if (left.high < right.low) return -1;
  if (left.low > right.high) return 1;
  return left.low === right.low && left.high === right.high ? 0 : Number.NaN;
}

/** Numbers of different types: the translator converts them, but a choice of types may still bring them together. */
function orderNumbers(left: Value, right: Value): number {
  if (left instanceof Decimal && right instanceof Decimal) return left.compare(right);
  if (typeof left === 'bigint' && typeof right === 'bigint') return left < right ? -1 : left > right ? 1 : 0;
  const [from, to] = [asDecimal(left), asDecimal(right)];
  return from && to ? from.compare(to) : Number.NaN;
}

function asDecimal(value: Value): Decimal | null {
  if (value instanceof Decimal) return value;
  return typeof value === 'number' || typeof value === 'bigint' ? Decimal.fromInteger(value) : null;
}

/** CQL's `<`: null when either is null, or the answer is not known. */
export function less(left: Value, right: Value): Truth {
  if (typeof left === 'number' && typeof right === 'number') return left < right;
  if (left instanceof Uncertainty || right instanceof Uncertainty) {
    const [from, to] = [rangeOf(left), rangeOf(right)];
    if (!from || !to) return null;
    return from.high < to.low ? true : from.low >= to.high ? false : null;
  }
  const sign = order(left, right);
  return sign < 0 ? true : sign >= 0 ? false : null;
}

/** CQL's `<=`. */
export function lessOrEqual(left: Value, right: Value): Truth {
  if (typeof left === 'number' && typeof right === 'number') return left <= right;
  if (left instanceof Uncertainty || right instanceof Uncertainty) {
    const [from, to] = [rangeOf(left), rangeOf(right)];
    if (!from || !to) return null;
    return from.high <= to.low ? true : from.low > to.high ? false : null;
  }
  const sign = order(left, right);
  return sign <= 0 ? true : sign > 0 ? false : null;
}

/** The integers that a number may be; null for what is none. */
export function rangeOf(value: Value): Span | null {
  if (value instanceof Uncertainty) return value;
  if (typeof value === 'number') return { low: value, high: value };
  if (typeof value === 'bigint') return { low: Number(value), high: Number(value) };
  return value instanceof Decimal ? { low: value.toNumber(), high: value.toNumber() } : null;
}

/**
 * For sorting: null comes before everything, and what cannot be compared stays where it is. Source: CQL 1.5, sort ("nulls are considered lower
 * than any non-null value").
 */
export function sortOrder(left: Value, right: Value): number {
  if (left === null || right === null) return left === right ? 0 : left === null ? -1 : 1;
  const sign = order(left, right);
  return Number.isNaN(sign) ? 0 : sign;
}
