import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DistinctList } from '../../../../src/measures/engine/operators/list-sets.ts';
import { civilOf, dayOf } from '../../../../src/measures/engine/values/calendar.ts';
import { addDuration } from '../../../../src/measures/engine/values/date-arithmetic.ts';
import { CqlDateTime } from '../../../../src/measures/engine/values/date-time.ts';
import { Decimal } from '../../../../src/measures/engine/values/decimal.ts';
import { durationBetween } from '../../../../src/measures/engine/values/durations.ts';
import { equal, equalOrBothNull, equivalent } from '../../../../src/measures/engine/values/equality.ts';
import { lessOrEqual, order } from '../../../../src/measures/engine/values/order.ts';
import { predecessor, successor } from '../../../../src/measures/engine/values/points.ts';
import type { Value } from '../../../../src/measures/engine/values/types.ts';
import { anyValue, decimal, partialDate, wholeDate } from './arbitraries.ts';

describe('the calendar is that of JavaScript', () => {
  test.each([-719_162, 0, 2_932_896])('day %s and those about it', (day) => {
    for (let at = Math.max(-719_162, day - 800); at <= Math.min(2_932_896, day + 800); at += 1) {
      const date = new Date(at * 86_400_000);
      const civil = civilOf(at);
      expect(civil).toBe(date.getUTCFullYear() * 10_000 + (date.getUTCMonth() + 1) * 100 + date.getUTCDate());
      expect(dayOf(Math.floor(civil / 10_000), Math.floor(civil / 100) % 100, civil % 100)).toBe(at);
    }
  });
});

describe('date arithmetic', () => {
  test('days added are taken away again, and counted', () => {
    fc.assert(
      fc.property(wholeDate, fc.integer({ min: -50_000, max: 50_000 }), (date, days) => {
        const moved = addDuration(date, days, 3);
        expect(moved && addDuration(moved, -days, 3)).toEqual(date);
        expect(durationBetween(date, moved, 3)).toBe(days);
      }),
    );
  });

  test('as many months have passed as can be added without going past', () => {
    fc.assert(
      fc.property(wholeDate, wholeDate, (date, other) => {
        const [from, to] = date.low <= other.low ? [date, other] : [other, date];
        const months = Number(durationBetween(from, to, 2));
        expect(lessOrEqual(addDuration(from, months, 2), to)).toBe(true);
        expect(lessOrEqual(addDuration(from, months + 1, 2), to)).toBe(false);
        expect(durationBetween(from, to, 1)).toBe(Math.trunc(months / 12));
      }),
    );
  });

  test('months added one way are counted the other', () => {
    fc.assert(
      fc.property(wholeDate, fc.integer({ min: 0, max: 600 }), (date, months) => {
        expect(durationBetween(date, addDuration(date, months, 2), 2)).toBe(months);
      }),
    );
  });

  test('the successor has the value as its predecessor, and nothing lies between', () => {
    fc.assert(
      fc.property(fc.oneof<fc.Arbitrary<Value>[]>(partialDate, fc.integer(), decimal), (value) => {
        const next = successor(value);
        fc.pre(next !== null);
        expect(equal(predecessor(next), value)).toBe(true);
        expect(order(value, next)).toBe(-1);
      }),
    );
  });

  test('the clock of an offset shows the same instant', () => {
    fc.assert(
      fc.property(fc.integer({ min: -2e9, max: 4e9 }), fc.integer({ min: -840, max: 840 }), (seconds, offset) => {
        const one = CqlDateTime.ofInstant(seconds * 1000, 0);
        const other = CqlDateTime.ofInstant(seconds * 1000, offset);
        expect(equal(one, other)).toBe(true);
        expect(other?.toString().startsWith(new Date((seconds + offset * 60) * 1000).toISOString().slice(0, 23))).toBe(
          true,
        );
      }),
    );
  });
});

describe('equivalence', () => {
  test('is reflexive and symmetric, never unknown, and holds where equality does', () => {
    fc.assert(
      fc.property(anyValue, anyValue, (left, right) => {
        expect(equivalent(left, left)).toBe(true);
        expect(equivalent(left, right)).toBe(equivalent(right, left));
        if (equal(left, right) === true) expect(equivalent(left, right)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test('is transitive', () => {
    fc.assert(
      fc.property(fc.array(anyValue, { minLength: 12, maxLength: 12 }), (values) => {
        for (const one of values) {
          for (const other of values) {
            if (!equivalent(one, other)) continue;
            for (const third of values) if (equivalent(other, third)) expect(equivalent(one, third)).toBe(true);
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});

test('equality is symmetric, and true of nothing that is null', () => {
  fc.assert(
    fc.property(anyValue, anyValue, (left, right) => {
      expect(equal(left, right)).toBe(equal(right, left));
      expect(equal(left, null)).toBe(null);
    }),
    { numRuns: 1000 },
  );
});

test('a list without duplicates is the same with and without its table', () => {
  fc.assert(
    fc.property(fc.array(anyValue, { maxLength: 12 }), (values) => {
      const slow: Value[] = [];
      const fast = new DistinctList();
      for (const value of values) {
        if (!slow.some((known) => equalOrBothNull(known, value) === true)) slow.push(value);
        fast.add(value);
      }
      expect(fast.values).toEqual(slow);
    }),
    { numRuns: 500 },
  );
});

describe('decimals are exact', () => {
  test('sums can be taken apart again', () => {
    fc.assert(
      fc.property(decimal, decimal, (left, right) => {
        expect(left.add(right)?.subtract(right)?.units).toBe(left.units);
        expect(left.multiply(right)?.units).toBe(right.multiply(left)?.units);
      }),
    );
  });

  test('what is written is read', () => {
    fc.assert(fc.property(decimal, (value) => expect(Decimal.parse(value.toString())?.units).toBe(value.units)));
  });

  test('a quotient is within half of the last place', () => {
    fc.assert(
      fc.property(decimal, decimal, (left, right) => {
        fc.pre(right.units !== 0n);
        const quotient = left.divide(right)?.units ?? 0n;
        const rest = left.units * 100_000_000n - quotient * right.units;
        expect((rest < 0n ? -rest : rest) * 2n <= (right.units < 0n ? -right.units : right.units)).toBe(true);
      }),
    );
  });
});
