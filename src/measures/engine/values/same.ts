import { Code } from './code.ts';
import { CqlDate } from './date.ts';
import { CqlDateTime } from './date-time.ts';
import { Decimal } from './decimal.ts';
import { isList } from './equality.ts';
import { Interval } from './interval.ts';
import type { Value } from './types.ts';

/**
 * True when nothing can tell the one from the other; not CQL's `=`, for which 1.0 and 1.00 are the same and null is nothing at all. Of what is not
 * looked into (quantities, tuples …) only the same object is the same, so false says nothing.
 */
export function sameValue(one: Value, other: Value): boolean {
  if (one === other) return true;
  if (one === null || other === null || typeof one !== 'object' || typeof other !== 'object') return false;
  if (one instanceof CqlDate) return other instanceof CqlDate && sameParts(one, other, ['year', 'month', 'day']);
  if (one instanceof CqlDateTime)
    return other instanceof CqlDateTime && sameParts(one, other, ['local', 'localHigh', 'precision', 'offset']);
  if (one instanceof Decimal) return other instanceof Decimal && one.units === other.units && one.scale === other.scale;
  if (one instanceof Code)
    return other instanceof Code && sameParts(one, other, ['code', 'system', 'version', 'display']);
  if (one instanceof Interval) {
    if (!(other instanceof Interval) || !sameParts(one, other, ['lowClosed', 'highClosed', 'pointType'])) return false;
    return sameValue(one.low, other.low) && sameValue(one.high, other.high);
  }
  if (!isList(one) || !isList(other) || one.length !== other.length) return false;
  return one.every((item, n) => sameValue(item, other[n] ?? null));
}

function sameParts<T>(one: T, other: T, parts: readonly (keyof T)[]): boolean {
  return parts.every((part) => one[part] === other[part]);
}
