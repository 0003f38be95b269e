import { constantOf } from '../compile/constant.ts';
import { Decimal } from '../values/decimal.ts';
import { maxOf, minOf, type PointType, predecessor, successor } from '../values/points.ts';
import { Quantity } from '../values/quantity.ts';
import type { Value } from '../values/types.ts';
import { Uncertainty } from '../values/uncertainty.ts';
import { add, asDecimal, divide, integer, long, modulo, multiply, subtract, truncatedDivide } from './arithmetic.ts';
import { highBoundary, lowBoundary, precisionOf } from './boundaries.ts';
import { binary, named, textIn, unary } from './operands.ts';
import type { OperatorCompiler, OperatorTable } from './types.ts';

function abs(value: Value): Value {
  if (typeof value === 'number') return integer(Math.abs(value));
  if (value instanceof Decimal) return value.abs();
  if (value instanceof Quantity) return new Quantity(value.value.abs(), value.unit);
  if (typeof value === 'bigint') return long(value < 0n ? -value : value);
  return null;
}

function negate(value: Value): Value {
  if (typeof value === 'number') return integer(-value);
  if (value instanceof Decimal) return value.negate();
  if (value instanceof Quantity) return new Quantity(value.value.negate(), value.unit);
  if (typeof value === 'bigint') return long(-value);
  return value instanceof Uncertainty ? Uncertainty.between(-value.high, -value.low) : null;
}

/** A whole number near a Decimal, by a rule. */
function whole(rule: (value: Decimal) => bigint): (value: Value) => Value {
  return (value) => {
    if (typeof value === 'number') return value;
    const decimal = asDecimal(value);
    return decimal && integer(Number(rule(decimal)));
  };
}

function round(value: Value, precision: Value): Value {
  const places = typeof precision === 'number' ? precision : 0;
  if (value instanceof Quantity) {
    const rounded = value.value.round(places);
    return rounded && new Quantity(rounded, value.unit);
  }
  return asDecimal(value)?.round(places) ?? null;
}

/** A function of real numbers. */
function real(compute: (value: number) => number): (value: Value) => Value {
  return (value) => {
    const decimal = asDecimal(value);
    return decimal && Decimal.fromNumber(compute(decimal.toNumber()));
  };
}

function log(value: Value, base: Value): Value {
  const [number, of] = [asDecimal(value)?.toNumber(), asDecimal(base)?.toNumber()];
  if (number === undefined || of === undefined) return null;
  // Natural logarithms would give 2.9999999999999996 for the third power of ten.
  return Decimal.fromNumber(
    of === 10 ? Math.log10(number) : of === 2 ? Math.log2(number) : Math.log(number) / Math.log(of),
  );
}

/** Whole powers are exact. */
function power(value: Value, exponent: Value): Value {
  if (value === null || exponent === null) return null;
  if (typeof value === 'number' && typeof exponent === 'number' && exponent >= 0) return integer(value ** exponent);
  if (typeof value === 'bigint' && typeof exponent === 'bigint' && exponent >= 0n) {
    // Beyond 64 only the powers of 0, 1 and -1 are no overflow, and for them it matters only whether the exponent is even.
    return long(value ** (exponent > 64n ? 64n + (exponent % 2n) : exponent));
  }
  const [base, by] = [asDecimal(value), asDecimal(exponent)];
  if (!base || !by) return null;
  const times = by.toNumber();
  if (!Number.isInteger(times) || times < 0 || times > 200) return Decimal.fromNumber(base.toNumber() ** times);
  let result: Decimal | null = Decimal.one;
  for (let count = 0; count < times && result; count += 1) result = result.multiply(base);
  return result;
}

const pointTypes: Readonly<Record<string, PointType>> = {
  Integer: 'Integer',
  Long: 'Long',
  Decimal: 'Decimal',
  Date: 'Date',
  DateTime: 'DateTime',
  Time: 'Time',
};

/** `minimum Integer`, `maximum DateTime`. */
function limitOf(limit: (type: PointType) => Value): OperatorCompiler {
  return (node, _compile, around) => {
    const name = (textIn(node, 'valueType') ?? '').replace('{urn:hl7-org:elm-types:r1}', '');
    const type = Object.hasOwn(pointTypes, name) ? pointTypes[name] : undefined;
    return constantOf(limit(type ?? around.refuse(`${node.type} of "${name}" is not supported.`)));
  };
}

/** Source: CQL 1.5, Appendix B, "Arithmetic Operators". */
export const numbers: OperatorTable = {
  Add: binary(add),
  Subtract: binary(subtract),
  Multiply: binary(multiply),
  Divide: binary(divide),
  TruncatedDivide: binary(truncatedDivide),
  Modulo: binary(modulo),
  Abs: unary(abs),
  Negate: unary(negate),
  Ceiling: unary(whole((value) => value.ceiling())),
  Floor: unary(whole((value) => value.floor())),
  Truncate: unary(whole((value) => value.truncate())),
  Round: (node, compile, around) => {
    // The value is an operand, the precision a property of its own.
    const [operand] = Array.isArray(node.operand) ? node.operand : [node.operand];
    return named(['value', 'precision'], round)({ ...node, value: operand }, compile, around);
  },
  Ln: unary(real(Math.log)),
  Exp: unary(real(Math.exp)),
  Log: binary(log),
  Power: binary(power),
  Successor: unary(successor),
  Predecessor: unary(predecessor),
  MinValue: limitOf(minOf),
  MaxValue: limitOf(maxOf),
  Precision: unary(precisionOf),
  LowBoundary: binary(lowBoundary),
  HighBoundary: binary(highBoundary),
};
