import { limits } from '../../../base/limits.ts';
import { convertValue } from '../values/convert-quantity.ts';
import { CqlDate } from '../values/date.ts';
import { addDuration } from '../values/date-arithmetic.ts';
import { CqlDateTime } from '../values/date-time.ts';
import { Decimal } from '../values/decimal.ts';
import { isList } from '../values/equality.ts';
import { CqlFault } from '../values/fault.ts';
import { Interval } from '../values/interval.ts';
import { lessOrEqual } from '../values/order.ts';
import { predecessor } from '../values/points.ts';
import { type DurationUnit, msOf, type Precision } from '../values/precision.ts';
import { Quantity } from '../values/quantity.ts';
import { CqlTime } from '../values/time.ts';
import type { Value } from '../values/types.ts';

/**
 * Cuts intervals into parts of the size `per`, from the start of each; an interval given alone becomes the starting points of its parts.
 * Without `per` it is one step of the coarser of the bounds. What is less exact than `per` gives nothing. Source: CQL 1.5, Expand.
 */
export function expand(source: Value, per: Value): Value {
  if (source instanceof Interval) return parts(source, per)?.map(({ start }) => start) ?? null;
  if (!isList(source)) return null;
  const result: Interval[] = [];
  for (const value of source) {
    if (value instanceof Interval) result.push(...(parts(value, per) ?? []));
    if (result.length > limits.measures.expandedParts) throw new CqlFault('an expansion has too many parts.');
  }
  return result;
}

/** Null when a bound is not known. */
function parts(interval: Interval, per: Value): Interval[] | null {
  const { start, end } = interval;
  if (start === null || end === null || interval.low === null || interval.high === null) return null;
  const step = per instanceof Quantity ? per : null;
  const stepper = stepperOf(start, end, step);
  if (!stepper) return [];
  const result: Interval[] = [];
  const { first, limit, next } = stepper;
  for (let low: Value = first; low !== null; ) {
    const following: Value = next(low);
    const high = following === null ? low : stepper.lastBefore(following);
    if (high === null || lessOrEqual(high, limit) !== true) break;
    result.push(new Interval(low, high, true, true, interval.pointType));
    if (result.length > limits.measures.expandedParts) throw new CqlFault('an expansion has too many parts.');
    low = following;
  }
  return result;
}

interface Stepper {
  first: Value;
  limit: Value;
  next: (value: Value) => Value;
  lastBefore: (value: Value) => Value;
}

function stepperOf(start: Value, end: Value, per: Quantity | null): Stepper | null {
  if (
    (start instanceof CqlDate && end instanceof CqlDate) ||
    (start instanceof CqlDateTime && end instanceof CqlDateTime)
  ) {
    const coarser = coarserOf(start, end);
    return dateStepper(start, end, per?.unit.duration ?? coarser, per ? Number(per.value.truncate()) : 1, per);
  }
  if (start instanceof CqlTime && end instanceof CqlTime) return timeStepper(start, end, per);
  return numberStepper(start, end, per);
}

function dateStepper(
  start: CqlDate | CqlDateTime,
  end: CqlDate | CqlDateTime,
  unit: DurationUnit,
  amount: number,
  per: Quantity | null,
): Stepper | null {
  if (amount < 1 || (per && per.unit.duration === undefined)) return null;
  const precision: Precision = unit === 'week' ? 3 : unit;
  if (start.precision < precision || end.precision < precision) return null;
  const next = (value: Value) =>
    value instanceof CqlDate || value instanceof CqlDateTime ? addDuration(value, amount, unit) : null;
  return { first: cut(start, precision), limit: cut(end, precision), next, lastBefore: predecessor };
}

function cut(value: CqlDate | CqlDateTime, precision: Precision): Value {
  if (value instanceof CqlDate) return precision > 3 ? value : CqlDate.ofDay(value.low, precision);
  return CqlDateTime.ofLocal(value.local, precision, value.offset);
}

/** Times end with the day: they do not go round. */
function timeStepper(start: CqlTime, end: CqlTime, per: Quantity | null): Stepper | null {
  const coarser = coarserOf(start, end);
  const unit = per ? per.unit.duration : coarser;
  const amount = per ? Number(per.value.truncate()) : 1;
  if (unit === undefined || unit === 'week' || unit < 4 || amount < 1) return null;
  if (start.precision < unit || end.precision < unit) return null;
  const next = (value: Value) =>
    value instanceof CqlTime ? CqlTime.ofMs(value.low + amount * msOf(unit), unit) : null;
  return { first: CqlTime.ofMs(start.low, unit), limit: CqlTime.ofMs(end.low, unit), next, lastBefore: predecessor };
}

function numberStepper(start: Value, end: Value, per: Quantity | null): Stepper | null {
  if (typeof start === 'number' && typeof end === 'number') {
    const size = per ? per.value : Decimal.one;
    if (size.units <= 0n || (per && per.unit.code !== '1')) return null;
    if (size.significantScale === 0) {
      const by = Number(size.truncate());
      return {
        first: start,
        limit: end,
        next: (value) => (typeof value === 'number' ? value + by : null),
        lastBefore: predecessor,
      };
    }
    return decimalStepper(
      Decimal.fromInteger(start),
      inclusiveEnd(Decimal.fromInteger(end), size),
      size,
      (value) => value,
    );
  }
  if (start instanceof Decimal && end instanceof Decimal) {
    const size = per ? per.value : Decimal.of(10n ** BigInt(8 - Math.min(start.scale, end.scale)));
    if (!size || size.units <= 0n || (per && per.unit.code !== '1')) return null;
    const places = per ? size.scale : Math.min(start.scale, end.scale);
    return decimalStepper(start.floorTo(places), end.floorTo(places), size, (value) => value);
  }
  if (!(start instanceof Quantity && end instanceof Quantity)) return null;
  const { unit } = start;
  const limit = convertValue(end, unit);
  const size = per ? (per.unit.code === '1' ? per.value : convertValue(per, unit)) : Decimal.one;
  if (!limit || !size || size.units <= 0n) return null;
  return decimalStepper(start.value, limit, size, (value) => new Quantity(value, unit));
}

/** An integer stands for itself alone: 10 per 0.1 ends with 10.0, as the last part that begins within it does. */
function inclusiveEnd(end: Decimal, size: Decimal): Decimal {
  return end.add(Decimal.one)?.subtract(size) ?? end;
}

/** Decimals: each part is the points from its start that have the places of `per`. */
function decimalStepper(
  first: Decimal | null,
  limit: Decimal | null,
  size: Decimal,
  give: (value: Decimal) => Value,
): Stepper | null {
  if (!first || !limit) return null;
  const decimalOf = (value: Value) =>
    value instanceof Quantity ? value.value : value instanceof Decimal ? value : null;
  const step = Decimal.of(10n ** BigInt(8 - size.significantScale)) ?? Decimal.one;
  const shifted = (value: Value, by: Decimal | null): Value => {
    const moved = by && decimalOf(value)?.add(by);
    return moved ? give(moved) : null;
  };
  return {
    first: give(first),
    limit: give(limit),
    next: (value) => shifted(value, size),
    lastBefore: (value) => shifted(value, step.negate()),
  };
}

function coarserOf(left: { precision: Precision }, right: { precision: Precision }): Precision {
  if (left.precision < right.precision) return left.precision;
  return right.precision;
}
