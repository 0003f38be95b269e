import type { Compiled, ElmNode, Moment } from '../compile/types.ts';
import { Code, Concept } from '../values/code.ts';
import { convertQuantity } from '../values/convert-quantity.ts';
import { CqlDate } from '../values/date.ts';
import { CqlDateTime } from '../values/date-time.ts';
import { Decimal } from '../values/decimal.ts';
import { isList } from '../values/equality.ts';
import { parseDatePart, parseDateTime, parseTime } from '../values/parse-temporal.ts';
import { Quantity, Ratio } from '../values/quantity.ts';
import { CqlTime } from '../values/time.ts';
import type { Value } from '../values/types.ts';
import type { Units } from '../values/units.ts';
import { divide, integer, long } from './arithmetic.ts';
import { folded, operandsIn } from './operands.ts';
import type { OperatorCompiler, OperatorTable } from './types.ts';

/** What a conversion may need besides the value: the table of units, and the moment, for times without an offset. */
interface Needs {
  units: Units;
  moment: () => Moment;
}

/** Gives null for what it cannot convert. */
export type Conversion = (value: Value, needs: Needs) => Value;

const yes = new Set(['true', 't', 'yes', 'y', '1']);
const no = new Set(['false', 'f', 'no', 'n', '0']);

const toBoolean: Conversion = (value) => {
  if (typeof value === 'boolean') return value;
  const text = value instanceof Decimal ? value.toString().replace(/\.0$/, '') : String(value).toLowerCase();
  if (typeof value !== 'string' && text !== '1' && text !== '0') return null;
  return yes.has(text) ? true : no.has(text) ? false : null;
};

const wholeNumber = /^[+-]?\d{1,20}$/;

const toInteger: Conversion = (value) => {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'bigint') return integer(Number(value));
  return typeof value === 'string' && wholeNumber.test(value) ? integer(Number(value)) : null;
};

const toLong: Conversion = (value) => {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (typeof value === 'number') return BigInt(value);
  return typeof value === 'string' && wholeNumber.test(value) ? long(BigInt(value.replace('+', ''))) : null;
};

const toDecimal: Conversion = (value) => {
  if (value instanceof Decimal) return value;
  if (typeof value === 'boolean') return value ? Decimal.one : Decimal.zero;
  if (typeof value === 'number' || typeof value === 'bigint') return Decimal.fromInteger(value);
  return typeof value === 'string' ? Decimal.parse(value) : null;
};

const quantityText =
  /^([+-]?\d+(?:\.\d+)?)\s*(?:'([^']+)'|(years?|months?|weeks?|days?|hours?|minutes?|seconds?|milliseconds?))?$/;

const toQuantity: Conversion = (value, { units }) => {
  if (value instanceof Quantity) return value;
  if (value instanceof Ratio) return divide(value.numerator, value.denominator);
  if (typeof value === 'number' || typeof value === 'bigint')
    return new Quantity(Decimal.fromInteger(value), units.of('1'));
  if (value instanceof Decimal) return new Quantity(value, units.of('1'));
  const [, number, ucum, calendar] = (typeof value === 'string' && quantityText.exec(value)) || [];
  const decimal = number === undefined ? null : Decimal.parse(number);
  const unit = units.of(ucum ?? calendar);
  const isKnown = ucum === undefined || (unit.scale !== undefined && unit.ucum === ucum);
  return decimal && isKnown ? new Quantity(decimal, unit) : null;
};

const toRatio: Conversion = (value, needs) => {
  if (value instanceof Ratio) return value;
  if (typeof value !== 'string') return null;
  const [left, right, ...rest] = value.split(':');
  if (left === undefined || right === undefined || rest.length > 0) return null;
  const [numerator, denominator] = [toQuantity(left.trim(), needs), toQuantity(right.trim(), needs)];
  return numerator instanceof Quantity && denominator instanceof Quantity ? new Ratio(numerator, denominator) : null;
};

const toText: Conversion = (value) => {
  if (typeof value === 'string') return value;
  const isSimple = typeof value === 'boolean' || typeof value === 'number' || typeof value === 'bigint';
  if (isSimple || value instanceof Decimal || value instanceof Quantity || value instanceof Ratio) return String(value);
  const isTemporal = value instanceof CqlDateTime || value instanceof CqlDate || value instanceof CqlTime;
  return isTemporal ? value.toString() : null;
};

const toDate: Conversion = (value) => {
  if (value instanceof CqlDate) return value;
  if (value instanceof CqlDateTime) return value.date;
  return typeof value === 'string' ? parseDatePart(value) : null;
};

const toDateTime: Conversion = (value, { moment }) => {
  if (value instanceof CqlDateTime) return value;
  if (value instanceof CqlDate) return CqlDateTime.ofDate(value, moment().offsetAtLocal(value.low * 86_400_000));
  return typeof value === 'string' ? parseDateTime(value, (local) => moment().offsetAtLocal(local)) : null;
};

const toTime: Conversion = (value) => {
  if (value instanceof CqlTime) return value;
  return typeof value === 'string' ? parseTime(value) : null;
};

const toConcept: Conversion = (value) => {
  if (value instanceof Concept) return value;
  if (value instanceof Code) return new Concept([value], value.display);
  return isList(value) ? new Concept(value.filter((code) => code instanceof Code)) : null;
};

/** By the name of the system type that they lead to. */
export const conversions: Readonly<Record<string, Conversion>> = {
  Boolean: toBoolean,
  Integer: toInteger,
  Long: toLong,
  Decimal: toDecimal,
  Quantity: toQuantity,
  Ratio: toRatio,
  String: toText,
  Date: toDate,
  DateTime: toDateTime,
  Time: toTime,
  Concept: toConcept,
};

/** Compiles a conversion. Null stays null. */
export function convert(conversion: Conversion, finish: (value: Value) => Value = (value) => value): OperatorCompiler {
  return (node, compile, { units }) => converted(compile(operandsIn(node)[0]), conversion, units, finish);
}

function converted(operand: Compiled, conversion: Conversion, units: Units, finish: (value: Value) => Value): Compiled {
  return folded([operand], (frame) => {
    const value = operand(frame);
    return value === null ? null : finish(conversion(value, { units, moment: () => frame.moment }));
  });
}

/** The unit is an operand. */
function toUnit(finish: (quantity: Quantity | null) => Value): OperatorCompiler {
  return (node: ElmNode, compile, { units }) => {
    const [quantity, unit] = operandsIn(node).map((operand) => compile(operand));
    if (!quantity || !unit) return () => null;
    return folded([quantity, unit], (frame) => {
      const [value, code] = [quantity(frame), unit(frame)];
      return value instanceof Quantity && typeof code === 'string'
        ? finish(convertQuantity(value, units.of(code)))
        : null;
    });
  };
}

/** Source: CQL 1.5, Appendix B, "Type Operators": conversions. */
export const converters: OperatorTable = {
  ...Object.fromEntries(Object.entries(conversions).map(([name, conversion]) => [`To${name}`, convert(conversion)])),
  ...Object.fromEntries(
    Object.entries(conversions)
      .filter(([name]) => name !== 'Concept')
      .map(([name, conversion]) => [`ConvertsTo${name}`, convert(conversion, (value) => value !== null)]),
  ),
  ConvertQuantity: toUnit((quantity) => quantity),
  CanConvertQuantity: toUnit((quantity) => quantity !== null),
};
