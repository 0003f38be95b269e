import { msInDay } from '../values/calendar.ts';
import { CqlDate } from '../values/date.ts';
import { CqlDateTime } from '../values/date-time.ts';
import { Decimal } from '../values/decimal.ts';
import type { Precision } from '../values/precision.ts';
import { CqlTime } from '../values/time.ts';
import type { Value } from '../values/types.ts';

/** Digits of a date or time, by precision: `2024` has 4, a time to the minute 4. */
const dateDigits = [0, 4, 6, 8, 10, 12, 14, 17];
const timeDigits = [0, 0, 0, 0, 2, 4, 6, 9];

/** How many digits a value has: places after the point of a Decimal, digits of a date or time. Source: CQL 1.5, Precision. */
export function precisionOf(value: Value): Value {
  if (value instanceof Decimal) return value.scale;
  if (value instanceof CqlDate || value instanceof CqlDateTime) return dateDigits[value.precision] ?? null;
  return value instanceof CqlTime ? (timeDigits[value.precision] ?? null) : null;
}

/** The least value that it may stand for, to so many digits. Source: CQL 1.5, LowBoundary. */
export function lowBoundary(value: Value, digits: Value): Value {
  return boundary(value, digits, false);
}

/** The greatest value that it may stand for, to so many digits. Source: CQL 1.5, HighBoundary. */
export function highBoundary(value: Value, digits: Value): Value {
  return boundary(value, digits, true);
}

function boundary(value: Value, digits: Value, isHigh: boolean): Value {
  if (value instanceof Decimal) return decimalBoundary(value, typeof digits === 'number' ? digits : 8, isHigh);
  if (value instanceof CqlDate) {
    const precision = precisionAt(dateDigits, typeof digits === 'number' ? digits : 8);
    return precision && precision <= 3 ? CqlDate.ofDay(isHigh ? value.high : value.low, precision) : null;
  }
  if (value instanceof CqlDateTime) {
    const precision = precisionAt(dateDigits, typeof digits === 'number' ? digits : 17);
    const last = value.precision === 6 ? value.local + 999 : value.localHigh;
    return precision && CqlDateTime.ofLocal(isHigh ? last : value.local, precision, value.offset);
  }
  if (!(value instanceof CqlTime)) return null;
  const precision = precisionAt(timeDigits, typeof digits === 'number' ? digits : 9);
  const last = value.precision === 6 ? value.low + 999 : value.high;
  return precision && CqlTime.ofMs(Math.min(isHigh ? last : value.low, msInDay - 1), precision);
}

function precisionAt(digits: readonly number[], count: number): Precision | null {
  const found = digits.indexOf(count);
  return found >= 1 ? (([1, 2, 3, 4, 5, 6, 7] as const)[found - 1] ?? null) : null;
}

/** 1.587 may stand for 1.5865 to 1.5875: half a step of its last place to either side, then cut outwards to the places asked for. */
function decimalBoundary(value: Decimal, places: number, isHigh: boolean): Decimal | null {
  if (!(places >= 0 && places <= 8)) return null;
  const half = value.scale < 8 ? 5n * 10n ** BigInt(7 - value.scale) : 0n;
  const edge = Decimal.of(isHigh ? value.units + half : value.units - half);
  if (!edge || places > value.scale) return edge;
  return isHigh ? (edge.negate().floorTo(places)?.negate() ?? null) : edge.floorTo(places);
}
