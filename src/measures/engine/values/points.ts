import { CqlDate } from './date.ts';
import { addDuration } from './date-arithmetic.ts';
import { CqlDateTime } from './date-time.ts';
import { Decimal } from './decimal.ts';
import { Quantity } from './quantity.ts';
import { CqlTime } from './time.ts';
import type { Value } from './types.ts';

/** What an interval can be made of. */
export type PointType = 'Integer' | 'Long' | 'Decimal' | 'Quantity' | 'Date' | 'DateTime' | 'Time';

export const minInteger = -2147483648;
export const maxInteger = 2147483647;
export const minLong: bigint = -(2n ** 63n);
export const maxLong: bigint = 2n ** 63n - 1n;

/** Null for null and for what is no point. */
export function pointTypeOf(value: Value): PointType | null {
  if (value === null) return null;
  if (value instanceof CqlDateTime) return 'DateTime';
  if (value instanceof CqlDate) return 'Date';
  if (typeof value === 'number') return 'Integer';
  if (value instanceof Quantity) return 'Quantity';
  if (value instanceof Decimal) return 'Decimal';
  if (value instanceof CqlTime) return 'Time';
  return typeof value === 'bigint' ? 'Long' : null;
}

const firstDate = CqlDate.of(1, 1, 1);
const lastDate = CqlDate.of(9999, 12, 31);

/** The least value of a type. A quantity's is in the unit of another of its interval, and null without one. */
export function minOf(type: PointType, beside: Value = null): Value {
  if (type === 'DateTime') return CqlDateTime.min;
  if (type === 'Date') return firstDate;
  if (type === 'Time') return CqlTime.min;
  if (type === 'Integer') return minInteger;
  if (type === 'Long') return minLong;
  if (type === 'Decimal') return Decimal.min;
  return beside instanceof Quantity ? new Quantity(Decimal.min, beside.unit) : null;
}

/** The greatest value of a type. */
export function maxOf(type: PointType, beside: Value = null): Value {
  if (type === 'DateTime') return CqlDateTime.max;
  if (type === 'Date') return lastDate;
  if (type === 'Time') return CqlTime.max;
  if (type === 'Integer') return maxInteger;
  if (type === 'Long') return maxLong;
  if (type === 'Decimal') return Decimal.max;
  return beside instanceof Quantity ? new Quantity(Decimal.max, beside.unit) : null;
}

/** The next value of its type, a step of its own precision away; null at the end of the type. Source: CQL 1.5, Successor. */
export function successor(value: Value): Value {
  return step(value, 1);
}

/** Source: CQL 1.5, Predecessor. */
export function predecessor(value: Value): Value {
  return step(value, -1);
}

function step(value: Value, by: 1 | -1): Value {
  if (value instanceof CqlDateTime || value instanceof CqlDate) return addDuration(value, by, value.precision);
  if (typeof value === 'number') {
    const next = value + by;
    return next > maxInteger || next < minInteger ? null : next;
  }
  if (value instanceof Decimal) return Decimal.of(value.units + BigInt(by));
  if (value instanceof Quantity) {
    const next = Decimal.of(value.value.units + BigInt(by));
    return next && new Quantity(next, value.unit);
  }
  if (value instanceof CqlTime) {
    const next = by > 0 ? value.high + 1 : value.low - 1;
    // A time to the second ends a second later, though comparisons take it for an instant.
    return CqlTime.ofMs(value.precision === 6 && by > 0 ? value.low + 1000 : next, value.precision);
  }
  if (typeof value !== 'bigint') return null;
  const next = value + BigInt(by);
  return next > maxLong || next < minLong ? null : next;
}
