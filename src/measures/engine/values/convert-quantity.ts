import { Decimal, divideRounded } from './decimal.ts';
import { Quantity } from './quantity.ts';
import type { Scale, Unit } from './units.ts';

/** A fraction. */
interface Fraction {
  top: bigint;
  bottom: bigint;
}

const one = 100_000_000n;

/** -1, 0 or 1; not a number when the units measure different things. Exact. Source: CQL 1.5, comparison of quantities. */
export function compareQuantities(left: Quantity, right: Quantity): number {
  if (left.unit === right.unit || left.unit.code === right.unit.code) return left.value.compare(right.value);
  const [from, to] = [left.unit.scale, right.unit.scale];
  if (!from || !to || from.canonical !== to.canonical) return Number.NaN;
  const [near, far] = [canonicalOf(left.value, from), canonicalOf(right.value, to)];
  const difference = near.top * far.bottom - far.top * near.bottom;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** The same quantity in another unit, to eight places; null when the units measure different things or it does not fit. */
export function convertQuantity(quantity: Quantity, unit: Unit): Quantity | null {
  const value = convertValue(quantity, unit);
  return value && new Quantity(value, unit);
}

export function convertValue({ value, unit: from }: Quantity, to: Unit): Decimal | null {
  if (from === to || from.code === to.code) return value;
  const [near, far] = [from.scale, to.scale];
  if (!near || !far || near.canonical !== far.canonical) return null;
  const { top, bottom } = canonicalOf(value, near);
  // (top/bottom) × divisor ÷ factor − offset, in hundred-millionths.
  const factor = exact(far.factor.coefficient, far.factor.exponent);
  const offset = exact(far.offset.coefficient, far.offset.exponent);
  const numerator = top * far.divisor * factor.bottom * offset.bottom - offset.top * bottom * factor.top;
  return Decimal.of(divideRounded(numerator * one, bottom * factor.top * offset.bottom));
}

function canonicalOf(value: Decimal, { offset, factor, divisor }: Scale): Fraction {
  const zero = exact(offset.coefficient, offset.exponent);
  const times = exact(factor.coefficient, factor.exponent);
  const top = (value.units * zero.bottom + zero.top * one) * times.top;
  return { top, bottom: one * zero.bottom * times.bottom * divisor };
}

function exact(coefficient: bigint, exponent: number): Fraction {
  return exponent >= 0
    ? { top: coefficient * 10n ** BigInt(exponent), bottom: 1n }
    : { top: coefficient, bottom: 10n ** BigInt(-exponent) };
}

/** Whether one unit of the left is less than one of the right; false when they cannot be compared. */
export function isFiner(left: Unit, right: Unit): boolean {
  return compareQuantities(new Quantity(Decimal.one, left), new Quantity(Decimal.one, right)) < 0;
}

/**
 * CQL's `~` of quantities: a calendar year or month counts as UCUM's when it meets one, and as 365 or 30 days when it meets weeks, days or less.
 */
export function equivalentQuantities(
  left: Quantity,
  right: Quantity,
  same: (a: Decimal, b: Decimal) => boolean,
): boolean {
  if (left.unit.code === right.unit.code) return same(left.value, right.value);
  const [near, far] = [definite(left, right.unit), definite(right, left.unit)];
  if (!near || !far) return false;
  const unit = isFiner(near.unit, far.unit) ? far.unit : near.unit;
  const [from, to] = [convertValue(near, unit), convertValue(far, unit)];
  return from !== null && to !== null && same(from, to);
}

/** A variable calendar duration as one of fixed length, unless the other is variable too. */
function definite(quantity: Quantity, other: Unit): Quantity | null {
  const { unit, value } = quantity;
  if (!unit.isVariable || other.isVariable) return quantity;
  const isUcum = other.ucum === other.code && other.duration === undefined;
  if (isUcum) return new Quantity(value, unit.asUcum());
  const days = value.multiply(Decimal.fromInteger(unit.duration === 1 ? 365 : 30));
  return days && new Quantity(days, unit.days());
}
