import fc from 'fast-check';
import { createUcum } from '../../../../src/fhir/ucum.ts';
import { daysInMonth } from '../../../../src/measures/engine/values/calendar.ts';
import { Code } from '../../../../src/measures/engine/values/code.ts';
import { CqlDate } from '../../../../src/measures/engine/values/date.ts';
import { CqlDateTime } from '../../../../src/measures/engine/values/date-time.ts';
import { Decimal } from '../../../../src/measures/engine/values/decimal.ts';
import { Interval } from '../../../../src/measures/engine/values/interval.ts';
import { Quantity } from '../../../../src/measures/engine/values/quantity.ts';
import { CqlTime } from '../../../../src/measures/engine/values/time.ts';
import { Tuple } from '../../../../src/measures/engine/values/tuple.ts';
import type { Value } from '../../../../src/measures/engine/values/types.ts';
import { Units } from '../../../../src/measures/engine/values/units.ts';

export const units = new Units(createUcum());

function present<T>(value: T | null): T {
  if (value === null) throw new Error('no such value');
  return value;
}

/** A year, a month or a day near the leap year 2012. */
export const partialDate: fc.Arbitrary<CqlDate> = fc
  .record({
    year: fc.integer({ min: 2011, max: 2013 }),
    month: fc.integer({ min: 0, max: 12 }),
    day: fc.integer({ min: 0, max: 31 }),
  })
  .map(({ year, month, day }) =>
    present(CqlDate.of(year, month, month === 0 ? 0 : Math.min(day, daysInMonth(year, month)))),
  );

export const wholeDate: fc.Arbitrary<CqlDate> = fc
  .integer({ min: -30_000, max: 30_000 })
  .map((day) => present(CqlDate.ofDay(day)));

/** Few values, so that equal ones come up. */
const dateTime = fc
  .record({
    parts: fc.constantFrom(
      [2012],
      [2012, 2],
      [2012, 2, 29],
      [2012, 2, 29, 10],
      [2012, 2, 29, 10, 30, 0],
      [2012, 2, 29, 10, 30, 0, 0],
    ),
    offset: fc.constantFrom(0, -300, 330),
  })
  .map(({ parts, offset }) => present(CqlDateTime.of(parts, offset)));

const time = fc
  .constantFrom([10], [10, 30], [10, 30, 0], [10, 30, 0, 0], [11, 0])
  .map((parts) => present(CqlTime.of(parts)));

export const decimal: fc.Arbitrary<Decimal> = fc
  .bigInt({ min: -(10n ** 13n), max: 10n ** 13n })
  .map((count) => present(Decimal.of(count)));

const quantity = fc
  .record({
    value: fc.integer({ min: 0, max: 2 }),
    unit: fc.constantFrom('g', 'mg', 'cm', 'year', 'month', 'a', 'days'),
  })
  .map(({ value, unit }) => new Quantity(Decimal.fromInteger(value * 1000), units.of(unit)));

const code = fc
  .record({
    code: fc.constantFrom('a', 'b', 'A'),
    system: fc.constantFrom('urn:s', 'urn:t', null),
    display: fc.constantFrom('x', null),
  })
  .map((parts) => new Code(parts.code, parts.system, null, parts.display));

const simple: fc.Arbitrary<Value> = fc.oneof<fc.Arbitrary<Value>[]>(
  fc.constant(null),
  fc.boolean(),
  fc.integer({ min: 0, max: 2 }),
  fc.constantFrom('a', 'A', 'b c', 'b\tc', ''),
  partialDate,
  dateTime,
  time,
  quantity,
  code,
);

/** Anything but Decimals and concepts, whose equivalence looks at a part of them and so is not transitive. */
export const anyValue: fc.Arbitrary<Value> = fc.oneof<fc.Arbitrary<Value>[]>(
  simple,
  fc.array(simple, { maxLength: 2 }),
  fc.record({ x: simple, y: simple }).map((elements) => new Tuple(elements)),
  fc
    .tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 4, max: 6 }), fc.boolean(), fc.boolean())
    .map(([low, high, lowClosed, highClosed]) => new Interval(low, high, lowClosed, highClosed)),
);
