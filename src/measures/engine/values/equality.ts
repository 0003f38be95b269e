import { Code, CodeSystem, Concept, ValueSet } from './code.ts';
import { equivalentQuantities } from './convert-quantity.ts';
import { CqlDate } from './date.ts';
import { CqlDateTime } from './date-time.ts';
import { Decimal } from './decimal.ts';
import { Interval } from './interval.ts';
import { ModelNode } from './model-node.ts';
import { order, rangeOf } from './order.ts';
import { Quantity, Ratio } from './quantity.ts';
import { CqlTime } from './time.ts';
import { Tuple } from './tuple.ts';
import type { Truth, Value } from './types.ts';
import { Uncertainty } from './uncertainty.ts';

/** CQL's `=`: null when either is null or the answer is not known. Values of different types are unequal. Source: CQL 1.5, Equal. */
export function equal(left: Value, right: Value): Truth {
  if (left === null || right === null) return null;
  if (typeof left !== 'object') return typeof right !== 'object' ? equalSimple(left, right) : equalMixed(left, right);
  if (left instanceof ModelNode) return left === right || (right instanceof ModelNode ? left.equalTo(right) : false);
  if (isOrdered(left)) return isOrdered(right) ? truthOfOrder(order(left, right)) : equalMixed(left, right);
  if (isList(left)) return isList(right) ? equalLists(left, right) : false;
  if (left instanceof Interval) return right instanceof Interval ? equalIntervals(left, right) : false;
  if (left instanceof Code) return right instanceof Code ? equalCodes(left, right) : false;
  return equalStructures(left, right);
}

function equalSimple(left: boolean | number | bigint | string, right: boolean | number | bigint | string): boolean {
  if (left === right) return true;
  // A Long and an Integer of one value are equal.
  if (typeof left === 'bigint') return typeof right === 'number' && left === BigInt(right);
  return typeof left === 'number' && typeof right === 'bigint' && BigInt(left) === right;
}

/** Numbers of different types, and durations that are not known exactly. */
function equalMixed(left: Value, right: Value): Truth {
  if (!(left instanceof Uncertainty || right instanceof Uncertainty)) {
    const sign = order(left, right);
    return Number.isNaN(sign) ? false : sign === 0;
  }
  const [from, to] = [rangeOf(left), rangeOf(right)];
  if (!from || !to) return false;
  return from.high < to.low || from.low > to.high ? false : null;
}

function isOrdered(value: Value): boolean {
  return (
    value instanceof CqlDateTime ||
    value instanceof CqlDate ||
    value instanceof Quantity ||
    value instanceof Decimal ||
    value instanceof CqlTime
  );
}

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

function truthOfOrder(sign: number): Truth {
  return Number.isNaN(sign) ? null : sign === 0;
}

function equalLists(left: readonly Value[], right: readonly Value[]): Truth {
  if (left.length !== right.length) return false;
  let result: Truth = true;
  for (let at = 0; at < left.length; at += 1) {
    const same = equalOrBothNull(left[at] ?? null, right[at] ?? null);
    if (same === false) return false;
    if (same === null) result = null;
  }
  return result;
}

/** `=`, but two nulls are equal: as inside of lists and tuples. */
export function equalOrBothNull(left: Value, right: Value): Truth {
  return left === null && right === null ? true : equal(left, right);
}

function equalIntervals(left: Interval, right: Interval): Truth {
  const start = equal(left.start, right.start);
  if (start === false) return false;
  const end = equal(left.end, right.end);
  return end === false ? false : start === null || end === null ? null : true;
}

function all(...truths: Truth[]): Truth {
  return truths.includes(false) ? false : truths.includes(null) ? null : true;
}

function equalCodes(left: Code, right: Code): Truth {
  return all(
    equalOrBothNull(left.code, right.code),
    equalOrBothNull(left.system, right.system),
    equalOrBothNull(left.version, right.version),
    equalOrBothNull(left.display, right.display),
  );
}

function equalStructures(left: Value, right: Value): Truth {
  if (left instanceof Concept && right instanceof Concept) {
    return all(equalLists(left.codes, right.codes), equalOrBothNull(left.display, right.display));
  }
  if (left instanceof Ratio && right instanceof Ratio) {
    return all(equal(left.numerator, right.numerator), equal(left.denominator, right.denominator));
  }
  if (left instanceof Tuple && right instanceof Tuple) return equalTuples(left, right);
  if (left instanceof Uncertainty || right instanceof Uncertainty)
    return left === right ? null : equalMixed(left, right);
  if (left instanceof ValueSet || left instanceof CodeSystem) {
    if (!(right instanceof ValueSet || right instanceof CodeSystem)) return false;
    return left.constructor === right.constructor && left.id === right.id && left.version === right.version;
  }
  return false;
}

function equalTuples(left: Tuple, right: Tuple): Truth {
  const names = new Set([...Object.keys(left.elements), ...Object.keys(right.elements)]);
  return all(...[...names].map((name) => equalOrBothNull(left.get(name), right.get(name))));
}

/** CQL's `~`: always true or false, and true of two nulls. Source: CQL 1.5, Equivalent. */
export function equivalent(left: Value, right: Value): boolean {
  if (left === null || right === null) return left === right;
  if (typeof left === 'string') return typeof right === 'string' && (left === right || plain(left) === plain(right));
  if (left instanceof Decimal && right instanceof Decimal) return equivalentDecimals(left, right);
  if (left instanceof Quantity && right instanceof Quantity)
    return equivalentQuantities(left, right, equivalentDecimals);
  if (left instanceof ModelNode && right instanceof ModelNode) return left === right || left.equivalentTo(right);
  if (left instanceof Code || left instanceof Concept) {
    return (right instanceof Code || right instanceof Concept) && shareCode(left, right);
  }
  if (isList(left)) {
    return (
      isList(right) && left.length === right.length && left.every((value, at) => equivalent(value, right[at] ?? null))
    );
  }
  if (left instanceof Interval) {
    return right instanceof Interval && equivalent(left.start, right.start) && equivalent(left.end, right.end);
  }
  if (left instanceof Tuple && right instanceof Tuple) {
    const names = new Set([...Object.keys(left.elements), ...Object.keys(right.elements)]);
    return [...names].every((name) => equivalent(left.get(name), right.get(name)));
  }
  if (left instanceof Ratio && right instanceof Ratio) return sameRatio(left, right);
  return equal(left, right) === true;
}

/** Case does not matter, nor which white space it is. */
function plain(text: string): string {
  return text.replace(/\s/g, ' ').toLowerCase();
}

/** The same when rounded to the places of the one that has fewer. */
function equivalentDecimals(left: Decimal, right: Decimal): boolean {
  const places = Math.min(left.significantScale, right.significantScale);
  const [from, to] = [left.round(places), right.round(places)];
  return from?.units === to?.units;
}

/** Codes are exact: case matters in a code, as it does to most code systems. Versions and displays play no part. */
function shareCode(left: Code | Concept, right: Code | Concept): boolean {
  const [from, to] = [codesOf(left), codesOf(right)];
  return from.some(({ key }) => to.some((code) => code.key === key)) || (from.length === 0 && to.length === 0);
}

function codesOf(value: Code | Concept): readonly Code[] {
  return value instanceof Code ? [value] : value.codes;
}

/** 1:100 is 10:1000, whatever the units. */
function sameRatio(left: Ratio, right: Ratio): boolean {
  const near = left.numerator.value.multiply(right.denominator.value);
  const far = right.numerator.value.multiply(left.denominator.value);
  if (!near || !far) return false;
  return (
    near.units === far.units &&
    equivalentQuantities(
      new Quantity(Decimal.one, left.numerator.unit),
      new Quantity(Decimal.one, right.numerator.unit),
      same,
    ) &&
    equivalentQuantities(
      new Quantity(Decimal.one, left.denominator.unit),
      new Quantity(Decimal.one, right.denominator.unit),
      same,
    )
  );
}

function same(left: Decimal, right: Decimal): boolean {
  return left.units === right.units;
}
