import { constantValue } from '../compile/constant.ts';
import type { Compiled, Frame, Moment } from '../compile/types.ts';
import { msInDay } from '../values/calendar.ts';
import { CqlDate } from '../values/date.ts';
import { CqlDateTime } from '../values/date-time.ts';
import { Decimal } from '../values/decimal.ts';
import { differenceBetween, durationBetween } from '../values/durations.ts';
import { type DurationUnit, precisions } from '../values/precision.ts';
import { CqlTime } from '../values/time.ts';
import type { Value } from '../values/types.ts';
import { compileBinary, folded, nodeIn, operandsIn, textIn, unary } from './operands.ts';
import type { OperatorCompiler, OperatorTable, Surroundings } from './types.ts';

/** What depends on the moment of the evaluation alone is computed once for each moment. */
function ofMoment(compute: Compiled): Compiled {
  let known: { moment: Moment; value: Value } | undefined;
  return (frame) => {
    const { moment } = frame;
    if (known?.moment !== moment) known = { moment, value: compute(frame) };
    return known.value;
  };
}

export function nowOf(moment: Moment): CqlDateTime | null {
  return CqlDateTime.ofInstant(moment.nowMs, moment.offsetAt(moment.nowMs));
}

/** Parts up to the first that is null; undefined when one after it is not, which is no date. */
function knownParts(values: readonly Value[]): number[] | undefined {
  const parts: number[] = [];
  for (const value of values) {
    if (typeof value !== 'number') break;
    parts.push(value);
  }
  return values.slice(parts.length).every((value) => value === null) ? parts : undefined;
}

const dateNames = ['year', 'month', 'day'];
const timeNames = ['hour', 'minute', 'second', 'millisecond'];

const date: OperatorCompiler = (node, compile) => {
  const operands = dateNames.map((name) => compile(nodeIn(node, name)));
  return folded(operands, (frame) => {
    const [year, month, day] = knownParts(operands.map((operand) => operand(frame))) ?? [];
    return year === undefined || month === 0 || day === 0 ? null : CqlDate.of(year, month, day);
  });
};

const time: OperatorCompiler = (node, compile) => {
  const operands = timeNames.map((name) => compile(nodeIn(node, name)));
  return folded(operands, (frame) => {
    const parts = knownParts(operands.map((operand) => operand(frame)));
    return parts && parts.length > 0 ? CqlTime.of(parts) : null;
  });
};

/** Without an offset it is on the clock of the evaluation's zone. */
const dateTime: OperatorCompiler = (node, compile) => {
  const operands = [...dateNames, ...timeNames].map((name) => compile(nodeIn(node, name)));
  const offsetNode = nodeIn(node, 'timezoneOffset');
  const offset = offsetNode && compile(offsetNode);
  const make = (frame: Frame): Value => {
    const parts = knownParts(operands.map((operand) => operand(frame)));
    if (!parts || parts.length === 0) return null;
    const hours = offset ? offset(frame) : null;
    if (hours === null) return CqlDateTime.of(parts, (local) => frame.moment.offsetAtLocal(local));
    const minutes =
      hours instanceof Decimal ? hours.toNumber() * 60 : typeof hours === 'number' ? hours * 60 : Number.NaN;
    return Math.abs(minutes) <= 14 * 60 ? CqlDateTime.of(parts, Math.round(minutes)) : null;
  };
  if (offset && constantValue(offset) !== null) return folded([...operands, offset], make);
  const areConstant = operands.every((operand) => constantValue(operand) !== undefined);
  return areConstant && !offset ? ofMoment(make) : make;
};

/** The unit that a duration is counted in, from a node's `precision`. */
function unitIn(name: string | undefined, around: Surroundings, type: string | undefined): DurationUnit {
  if (name === 'Week') return 'week';
  const unit = name !== undefined && Object.hasOwn(precisions, name) ? precisions[name] : undefined;
  return unit ?? around.refuse(`${type} in "${name ?? ''}" is not supported.`);
}

function counted(count: (from: Value, to: Value, unit: DurationUnit) => Value): OperatorCompiler {
  return (node, compile, around) => {
    const unit = unitIn(textIn(node, 'precision'), around, node.type);
    const [from, to] = operandsIn(node);
    return compileBinary(compile(from), compile(to), (left, right) => count(left, right, unit));
  };
}

/** Age from a birth date: to today, or to now for anything finer than a month's age of a DateTime. */
const calculateAge: OperatorCompiler = (node, compile, around) => {
  const unit = unitIn(textIn(node, 'precision'), around, node.type);
  const birth = compile(operandsIn(node)[0]);
  return (frame) => {
    const from = birth(frame);
    const now = nowOf(frame.moment);
    return durationBetween(from, from instanceof CqlDate ? (now?.date ?? null) : now, unit);
  };
};

const partFrom: OperatorCompiler = (node, compile, around) => {
  const unit = unitIn(textIn(node, 'precision'), around, node.type);
  if (unit === 'week') return around.refuse('DateTimeComponentFrom with the precision "Week" is not supported.');
  const part = (value: Value): Value => {
    if (value instanceof CqlDateTime || value instanceof CqlTime) return value.part(unit);
    if (!(value instanceof CqlDate) || unit > 3) return null;
    return (unit === 1 ? value.year : unit === 2 ? value.month : value.day) || null;
  };
  return unary(part)(node, compile, around);
};

/** What the clocks of the evaluation's zone show at an instant, in milliseconds of the day. */
function msOfDay(instantMs: number, moment: Moment): number {
  const local = instantMs + moment.offsetAt(instantMs) * 60_000;
  return local - Math.floor(local / msInDay) * msInDay;
}

/** The time that the clocks of the evaluation's zone showed. */
const timeFrom: OperatorCompiler = (node, compile) => {
  const operand = compile(operandsIn(node)[0]);
  return (frame) => {
    const value = operand(frame);
    if (!(value instanceof CqlDateTime) || value.precision < 4) return null;
    return CqlTime.ofMs(msOfDay(value.low, frame.moment), value.precision);
  };
};

function dateFrom(value: Value): Value {
  if (value instanceof CqlDateTime) return value.date;
  return value instanceof CqlDate ? value : null;
}

function offsetFrom(value: Value): Value {
  return value instanceof CqlDateTime ? Decimal.fromNumber(value.offset / 60) : null;
}

/** Source: CQL 1.5, Appendix B, "Date and Time Operators". Comparisons are with those of intervals. */
export const temporal: OperatorTable = {
  Date: date,
  DateTime: dateTime,
  Time: time,
  Now: () => ofMoment(({ moment }) => nowOf(moment)),
  Today: () => ofMoment(({ moment }) => nowOf(moment)?.date ?? null),
  TimeOfDay: () => ofMoment(({ moment }) => CqlTime.ofMs(msOfDay(moment.nowMs, moment))),
  DateFrom: unary(dateFrom),
  TimeFrom: timeFrom,
  TimezoneOffsetFrom: unary(offsetFrom),
  TimezoneFrom: unary(offsetFrom),
  DateTimeComponentFrom: partFrom,
  DurationBetween: counted(durationBetween),
  DifferenceBetween: counted(differenceBetween),
  CalculateAge: calculateAge,
  CalculateAgeAt: counted(durationBetween),
};
