import { CqlDate } from '../values/date.ts';
import { addDuration, addToTime } from '../values/date-arithmetic.ts';
import { CqlDateTime } from '../values/date-time.ts';
import { Decimal } from '../values/decimal.ts';
import { CqlFault } from '../values/fault.ts';
import { maxInteger, maxLong, minInteger, minLong } from '../values/points.ts';
import { Quantity } from '../values/quantity.ts';
import {
  addQuantities,
  divideQuantities,
  moduloQuantities,
  multiplyQuantities,
} from '../values/quantity-arithmetic.ts';
import { CqlTime } from '../values/time.ts';
import type { Value } from '../values/types.ts';
import { Uncertainty } from '../values/uncertainty.ts';

/**
 * Arithmetic of two values of one type. What overflows, and what divides by zero, is null. Source: CQL 1.5, Appendix B, "Arithmetic
 * Operators" and "Date and Time Operators". A number that is not known exactly is added to and multiplied as its two ends.
 */
export function add(left: Value, right: Value): Value {
  if (left === null || right === null) return null;
  if (typeof left === 'number' && typeof right === 'number') return integer(left + right);
  if (left instanceof Decimal && right instanceof Decimal) return left.add(right);
  if (right instanceof Quantity)
    return left instanceof Quantity ? addQuantities(left, right, 1) : addToTemporal(left, right, 1);
  if (typeof left === 'bigint' && typeof right === 'bigint') return long(left + right);
  if (typeof left === 'string' && typeof right === 'string') return left + right;
  return overEnds(left, right, add) ?? overDecimals(left, right, add);
}

export function subtract(left: Value, right: Value): Value {
  if (left === null || right === null) return null;
  if (typeof left === 'number' && typeof right === 'number') return integer(left - right);
  if (left instanceof Decimal && right instanceof Decimal) return left.subtract(right);
  if (right instanceof Quantity) {
    return left instanceof Quantity ? addQuantities(left, right, -1) : addToTemporal(left, right, -1);
  }
  if (typeof left === 'bigint' && typeof right === 'bigint') return long(left - right);
  return overEnds(left, right, subtract) ?? overDecimals(left, right, subtract);
}

export function multiply(left: Value, right: Value): Value {
  if (left === null || right === null) return null;
  if (typeof left === 'number' && typeof right === 'number') return integer(left * right);
  if (left instanceof Decimal && right instanceof Decimal) return left.multiply(right);
  if (left instanceof Quantity && right instanceof Quantity) return multiplyQuantities(left, right);
  if (typeof left === 'bigint' && typeof right === 'bigint') return long(left * right);
  return overEnds(left, right, multiply) ?? overDecimals(left, right, multiply);
}

export function divide(left: Value, right: Value): Value {
  if (left === null || right === null) return null;
  if (left instanceof Decimal && right instanceof Decimal) return left.divide(right);
  if (left instanceof Quantity && right instanceof Quantity) return divideQuantities(left, right);
  return overDecimals(left, right, divide);
}

export function truncatedDivide(left: Value, right: Value): Value {
  if (left === null || right === null) return null;
  if (typeof left === 'number' && typeof right === 'number')
    return right === 0 ? null : integer(Math.trunc(left / right));
  if (typeof left === 'bigint' && typeof right === 'bigint') return right === 0n ? null : long(left / right);
  if (left instanceof Decimal && right instanceof Decimal) return left.truncatedDivide(right);
  if (left instanceof Quantity && right instanceof Quantity) {
    const quotient = divideQuantities(left, right);
    const value = quotient && Decimal.fromInteger(quotient.value.truncate());
    return quotient && value && new Quantity(value, quotient.unit);
  }
  return overDecimals(left, right, truncatedDivide);
}

export function modulo(left: Value, right: Value): Value {
  if (left === null || right === null) return null;
  if (typeof left === 'number' && typeof right === 'number') return right === 0 ? null : integer(left % right);
  if (typeof left === 'bigint' && typeof right === 'bigint') return right === 0n ? null : left % right;
  if (left instanceof Decimal && right instanceof Decimal) return left.modulo(right);
  if (left instanceof Quantity && right instanceof Quantity) return moduloQuantities(left, right);
  return overDecimals(left, right, modulo);
}

/** Null when it is no Integer of CQL; never negative zero. */
export function integer(value: number): number | null {
  return value > maxInteger || value < minInteger ? null : value + 0;
}

export function long(value: bigint): bigint | null {
  return value > maxLong || value < minLong ? null : value;
}

/** Numbers of different types meet as Decimals. */
function overDecimals(left: Value, right: Value, compute: (left: Value, right: Value) => Value): Value {
  const [from, to] = [asDecimal(left), asDecimal(right)];
  return from && to ? compute(from, to) : null;
}

export function asDecimal(value: Value): Decimal | null {
  if (value instanceof Decimal) return value;
  return typeof value === 'number' || typeof value === 'bigint' ? Decimal.fromInteger(value) : null;
}

/** Null when neither is uncertain, so that something else has to compute it. */
function overEnds(left: Value, right: Value, compute: (left: Value, right: Value) => Value): Value {
  if (!(left instanceof Uncertainty || right instanceof Uncertainty)) return null;
  const results: number[] = [];
  for (const one of endsOf(left)) {
    for (const other of endsOf(right)) {
      const result = compute(one, other);
      if (typeof result !== 'number') return null;
      results.push(result);
    }
  }
  return results.length === 0 ? null : Uncertainty.between(Math.min(...results), Math.max(...results));
}

function endsOf(value: Value): number[] {
  if (value instanceof Uncertainty) return [value.low, value.high];
  return typeof value === 'number' ? [value] : [];
}

function addToTemporal(value: Value, quantity: Quantity, sign: 1 | -1): Value {
  const isDate = value instanceof CqlDateTime || value instanceof CqlDate;
  if (!(isDate || value instanceof CqlTime)) return null;
  const { duration } = quantity.unit;
  if (duration === undefined) throw new CqlFault('what is added to a date or time has to be a calendar duration.');
  // Only seconds count in parts: 1.5 months are a month.
  const amount = sign * quantity.amount;
  const unit = duration === 6 ? 7 : duration;
  return isDate ? addDuration(value, amount, unit) : addToTime(value, amount, unit);
}
