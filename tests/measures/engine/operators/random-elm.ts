import fc from 'fast-check';
import { CqlDate } from '../../../../src/measures/engine/values/date.ts';
import { CqlDateTime } from '../../../../src/measures/engine/values/date-time.ts';
import { Interval } from '../../../../src/measures/engine/values/interval.ts';
import { less } from '../../../../src/measures/engine/values/order.ts';
import { CqlTime } from '../../../../src/measures/engine/values/time.ts';
import type { Value } from '../../../../src/measures/engine/values/types.ts';

/** ELM made up at random: operators on dates, times, intervals and numbers, as the translator would write them. */

type Node = Record<string, unknown>;

const system = '{urn:hl7-org:elm-types:r1}';
const integer = (value: number): Node => ({ type: 'Literal', valueType: `${system}Integer`, value: String(value) });
const decimalLiteral = (value: string): Node => ({ type: 'Literal', valueType: `${system}Decimal`, value });

const partNames = ['year', 'month', 'day', 'hour', 'minute', 'second', 'millisecond'];
const parts = fc.tuple(
  fc.integer({ min: 2023, max: 2025 }),
  fc.constantFrom(1, 2, 3, 12),
  fc.constantFrom(1, 2, 15, 28, 31),
  fc.constantFrom(0, 9, 23),
  fc.constantFrom(0, 30, 59),
  fc.constantFrom(0, 59),
  fc.constantFrom(0, 999),
);

function lastOf(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function temporal(type: 'Date' | 'DateTime', lengths: readonly number[]): fc.Arbitrary<Node> {
  return fc.tuple(parts, fc.constantFrom(...lengths)).map(([values, length]) => {
    const [year, month, day] = values;
    const known = values.slice(0, length);
    if (length >= 3) known[2] = Math.min(day, lastOf(year, month));
    return { type, ...Object.fromEntries(known.map((value, at) => [partNames[at], integer(value)])) };
  });
}

/** Never to the second alone: cql-execution does not take it for the same as .000. */
const date = temporal('Date', [1, 2, 3, 3, 3]);
const dateTime = temporal('DateTime', [1, 2, 3, 4, 5, 7, 7, 7]);
const time = fc.tuple(fc.constantFrom(0, 9, 23), fc.constantFrom(0, 30, 59), fc.constantFrom(1, 2)).map(
  ([hour, minute, length]): Node => ({
    type: 'Time',
    hour: integer(hour),
    ...(length > 1 ? { minute: integer(minute) } : {}),
  }),
);
const whole = fc.integer({ min: -3, max: 12 }).map(integer);
const decimal = fc.constantFrom('0.5', '1.25', '2.5', '-3.75', '10.125').map(decimalLiteral);

const nothing = (type: string): Node => ({ type: 'As', asType: `${system}${type}`, operand: { type: 'Null' } });

interface Kind {
  point: fc.Arbitrary<Node>;
  type: string;
  /** Precisions to compare to. */
  precisions: readonly (string | undefined)[];
}

const datePrecisions = ['Year', 'Month', 'Day'];
const kinds: Readonly<Record<string, Kind>> = {
  Date: { point: date, type: 'Date', precisions: [undefined, ...datePrecisions] },
  DateTime: { point: dateTime, type: 'DateTime', precisions: [undefined, ...datePrecisions, 'Hour', 'Minute'] },
  Time: { point: time, type: 'Time', precisions: [undefined, 'Hour', 'Minute'] },
  Integer: { point: whole, type: 'Integer', precisions: [undefined] },
};

/** Sometimes null at a bound, but never known to end before it starts: that is no interval. */
function interval(kind: Kind): fc.Arbitrary<Node> {
  const bound = fc.oneof(
    { weight: 8, arbitrary: kind.point },
    { weight: 1, arbitrary: fc.constant(nothing(kind.type)) },
  );
  return fc
    .record({ low: bound, high: bound, lowClosed: fc.boolean(), highClosed: fc.boolean() })
    .filter(({ low, high, lowClosed, highClosed }) => {
      const { start, end } = new Interval(valueOfNode(low), valueOfNode(high), lowClosed, highClosed);
      const isEmpty = isLacking(start, low, lowClosed) || isLacking(end, high, highClosed);
      return !isEmpty && less(end, start) !== true;
    })
    .map((bounds) => ({ type: 'Interval', ...bounds }));
}

/** Open at the end of its type: there is no point before it. */
function isLacking(point: Value, bound: Node, isClosed: boolean): boolean {
  return point === null && !isClosed && bound.type !== 'As';
}

/** The value of a literal, a date, a time or null. */
function valueOfNode(node: Node): Value {
  if (node.type === 'As') return null;
  if (node.type === 'Literal') return Number(node.value);
  const known = partNames.flatMap((name) => (isNode(node[name]) ? [Number(node[name].value)] : []));
  if (node.type === 'Date') return CqlDate.of(known[0] ?? 0, known[1], known[2]);
  return node.type === 'Time' ? CqlTime.of(known) : CqlDateTime.of(known, 0);
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null;
}

function operation(
  names: readonly string[],
  operands: fc.Arbitrary<Node[]>,
  precisions: readonly (string | undefined)[],
): fc.Arbitrary<Node> {
  return fc
    .record({ type: fc.constantFrom(...names), operand: operands, precision: fc.constantFrom(...precisions) })
    .map(({ type, operand, precision }) =>
      precision === undefined ? { type, operand } : { type, operand, precision },
    );
}

const comparisons = ['Equal', 'Less', 'LessOrEqual', 'Greater', 'GreaterOrEqual'];
const timings = ['SameAs', 'SameOrBefore', 'SameOrAfter', 'Before', 'After'];
/** Without Starts and Ends: cql-execution compares the bounds as written, open or closed, and to no precision. */
const relations = [
  'Overlaps',
  'OverlapsBefore',
  'OverlapsAfter',
  'Includes',
  'IncludedIn',
  'Before',
  'After',
  'SameOrBefore',
  'SameOrAfter',
];

const two = (operand: fc.Arbitrary<Node>) => fc.array(operand, { minLength: 2, maxLength: 2 });

/** An expression of one kind of points. */
export function expressionOf(name: 'Date' | 'DateTime' | 'Time' | 'Integer'): fc.Arbitrary<Node> {
  const kind = kinds[name];
  if (!kind) throw new Error('no such kind');
  const { point, precisions } = kind;
  const isNumber = name === 'Integer';
  return fc.oneof(
    operation([...comparisons, 'Equivalent'], two(point), [undefined]),
    ...(isNumber ? [] : [operation(timings, two(point), precisions)]),
    operation(relations, two(interval(kind)), precisions),
    operation(['In'], fc.tuple(point, interval(kind)), precisions),
    operation(['Contains'], fc.tuple(interval(kind), point), precisions),
    operation(
      ['Start', 'End'],
      interval(kind).map((operand) => [operand]),
      [undefined],
    ).map(({ type, operand }) => ({
      type,
      operand: Array.isArray(operand) ? operand[0] : operand,
    })),
  );
}

const units = ['years', 'months', 'weeks', 'days'];

/** What is known to the month takes months and years: how many days are a month is where engines differ (CQL says 30). */
function sum(operand: fc.Arbitrary<Node>): fc.Arbitrary<Node> {
  const parts = fc.record({
    type: fc.constantFrom('Add', 'Subtract'),
    value: fc.integer({ min: -40, max: 40 }),
    unit: fc.constantFrom(...units),
    date: operand,
  });
  return parts
    .filter(({ date, unit }) => isNode(date.day) || unit === 'years' || unit === 'months')
    .map(({ type, date, value, unit }) => ({ type, operand: [date, { type: 'Quantity', value, unit }] }));
}

/** Arithmetic of dates: sums and durations. */
export const dateArithmetic: fc.Arbitrary<Node> = fc.oneof(
  sum(date),
  sum(dateTime),
  operation(['DurationBetween', 'DifferenceBetween'], two(date), ['Year', 'Month', 'Week', 'Day']),
  operation(['DurationBetween', 'DifferenceBetween'], two(dateTime), [
    'Year',
    'Month',
    'Week',
    'Day',
    'Hour',
    'Minute',
  ]),
);

/** Arithmetic of numbers. */
export const numberArithmetic: fc.Arbitrary<Node> = fc.oneof(
  operation(['Add', 'Subtract', 'Multiply', 'TruncatedDivide', 'Modulo', 'Power'], two(whole), [undefined]),
  operation(['Add', 'Subtract', 'Multiply', 'Divide'], two(decimal), [undefined]),
  operation(
    ['Ceiling', 'Floor', 'Truncate', 'Abs', 'Negate'],
    decimal.map((operand) => [operand]),
    [undefined],
  ).map((node) => ({
    ...node,
    operand: Array.isArray(node.operand) ? node.operand[0] : node.operand,
  })),
);

/** A library of expressions named `Actual 0`, `Actual 1` … */
export function libraryOfElm(expressions: readonly Node[]): unknown {
  const def = expressions.map((expression, n) => ({ name: `Actual ${n}`, context: 'Patient', expression }));
  return {
    library: {
      identifier: { id: 'Random', version: '1' },
      schemaIdentifier: { id: 'urn:hl7-org:elm', version: 'r1' },
      usings: { def: [] },
      statements: { def },
    },
  };
}

/** Whether a node or one within it is a bound of null. */
export function hasUnknownBound(node: unknown): boolean {
  if (!isNode(node)) return false;
  return node.type === 'As' || Object.values(node).some(hasUnknownBound);
}

/** Whether a date or time in it is known less well than the comparison asks for. */
export function isLessExact(node: Node): boolean {
  const wanted = partNames.indexOf(String(node.precision).toLowerCase());
  const walk = (value: unknown): boolean => {
    if (!isNode(value)) return false;
    const isTemporal = value.type === 'Date' || value.type === 'DateTime' || value.type === 'Time';
    if (isTemporal) return !isNode(value[partNames[wanted] ?? '']);
    return Object.values(value).some(walk);
  };
  return wanted >= 0 && walk(node.operand);
}
