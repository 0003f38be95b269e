import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CqlDate } from '../../../../src/measures/engine/values/date.ts';
import { differenceBetween, durationBetween } from '../../../../src/measures/engine/values/durations.ts';
import { equal } from '../../../../src/measures/engine/values/equality.ts';
import { less, lessOrEqual } from '../../../../src/measures/engine/values/order.ts';
import type { DurationUnit } from '../../../../src/measures/engine/values/precision.ts';
import type { Truth, Value } from '../../../../src/measures/engine/values/types.ts';
import { Uncertainty } from '../../../../src/measures/engine/values/uncertainty.ts';
import { partialDate } from './arbitraries.ts';

const msInDay = 86_400_000;

/** Every day that a date may stand for, found with the calendar of JavaScript. */
function daysOf({ year, month, day }: CqlDate): Date[] {
  const days: Date[] = [];
  for (let at = Date.UTC(year, 0, 1); new Date(at).getUTCFullYear() === year; at += msInDay) {
    const date = new Date(at);
    if (month !== 0 && date.getUTCMonth() + 1 !== month) continue;
    if (day === 0 || date.getUTCDate() === day) days.push(date);
  }
  return days;
}

/** What a comparison gives for all the days that the dates may stand for; null when it is not the same for all. */
function forAll(left: CqlDate, right: CqlDate, compare: (left: number, right: number) => boolean): Truth {
  const [starts, ends] = [daysOf(left), daysOf(right)];
  let answer: boolean | undefined;
  for (const from of starts) {
    for (const to of ends) {
      const holds = compare(from.getTime(), to.getTime());
      if (answer !== undefined && holds !== answer) return null;
      answer = holds;
    }
  }
  return answer ?? null;
}

/** One may stand for no day that the other may not, and the other for more. */
function isNested(left: CqlDate, right: CqlDate): boolean {
  const [from, to] = left.precision < right.precision ? [left, right] : [right, left];
  return left.precision !== right.precision && from.year === to.year && (from.month === 0 || from.month === to.month);
}

describe('comparing dates that are not known exactly', () => {
  test.each<[string, (left: Value, right: Value) => Truth, (left: number, right: number) => boolean]>([
    ['<', less, (left, right) => left < right],
    ['<=', lessOrEqual, (left, right) => left <= right],
    ['=', equal, (left, right) => left === right],
  ])('%s says what holds for every day that they may stand for', (_, compare, ofDays) => {
    fc.assert(
      fc.property(partialDate, partialDate, (left, right) => {
        const answer = compare(left, right);
        const isSame = left.toString() === right.toString();
        // CQL compares part by part: the same month is the same, and a month and a day of it are not ordered, even at its edges.
        if (isSame) expect(answer).toBe(ofDays(0, 0));
        else expect(answer).toBe(isNested(left, right) ? null : forAll(left, right, ofDays));
      }),
      { numRuns: 60 },
    );
  });
});

/** Whole months, by going on until the next would be too far. A month that is too short ends with its last day. */
function monthsFrom(start: Date, end: Date): number {
  if (start > end) return -monthsFrom(end, start) || 0;
  let months = 0;
  for (;;) {
    const length = new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + months + 2, 0)).getUTCDate();
    const day = Math.min(start.getUTCDate(), length);
    if (Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + months + 1, day) > end.getTime()) return months;
    months += 1;
  }
}

function weekOf(day: Date): number {
  return Math.floor((day.getTime() - day.getUTCDay() * msInDay) / (7 * msInDay));
}

const daysFrom = (start: Date, end: Date) => Math.round((end.getTime() - start.getTime()) / msInDay);
const yearMonth = (day: Date) => day.getUTCFullYear() * 12 + day.getUTCMonth();

const counts: [string, typeof durationBetween, DurationUnit, (start: Date, end: Date) => number][] = [
  ['years between', durationBetween, 1, (start, end) => Math.trunc(monthsFrom(start, end) / 12)],
  ['months between', durationBetween, 2, monthsFrom],
  ['weeks between', durationBetween, 'week', (start, end) => Math.trunc(daysFrom(start, end) / 7)],
  ['days between', durationBetween, 3, daysFrom],
  ['difference in years', differenceBetween, 1, (start, end) => end.getUTCFullYear() - start.getUTCFullYear()],
  ['difference in months', differenceBetween, 2, (start, end) => yearMonth(end) - yearMonth(start)],
  ['difference in weeks', differenceBetween, 'week', (start, end) => weekOf(end) - weekOf(start)],
  ['difference in days', differenceBetween, 3, daysFrom],
];

test.each(counts)('%s is the range of what it is for every day', (_, count, unit, ofDays) => {
  fc.assert(
    fc.property(partialDate, partialDate, (left, right) => {
      const [starts, ends] = [daysOf(left), daysOf(right)];
      // Years beside years would be a hundred thousand pairs.
      fc.pre(starts.length * ends.length <= 3_000);
      const found = starts.flatMap((start) => ends.map((end) => ofDays(start, end)));
      const [low, high] = [Math.min(...found), Math.max(...found)];
      const answer = count(left, right, unit);
      expect(answer instanceof Uncertainty ? [answer.low, answer.high] : [answer, answer]).toEqual([low + 0, high + 0]);
    }),
    { numRuns: 40 },
  );
});

test('a duration that is not known exactly compares as every number that it may be', () => {
  const range = fc
    .tuple(fc.integer({ min: 0, max: 8 }), fc.integer({ min: 0, max: 8 }))
    .map(([one, other]) => [Math.min(one, other), Math.max(one, other)] as const);
  const numbers = ([low, high]: readonly [number, number]) => Array.from({ length: high - low + 1 }, (_, n) => low + n);
  const verdict = (left: number[], right: number[], compare: (from: number, to: number) => boolean): Truth => {
    const answers = new Set(left.flatMap((from) => right.map((to) => compare(from, to))));
    return answers.size === 1 ? answers.has(true) : null;
  };
  fc.assert(
    fc.property(range, range, (one, other) => {
      const [left, right] = [Uncertainty.between(...one), Uncertainty.between(...other)];
      const [from, to] = [numbers(one), numbers(other)];
      expect(less(left, right)).toBe(verdict(from, to, (a, b) => a < b));
      expect(lessOrEqual(left, right)).toBe(verdict(from, to, (a, b) => a <= b));
      expect(equal(left, right)).toBe(verdict(from, to, (a, b) => a === b));
    }),
  );
});

test('a month may stand for each of its days', () => {
  expect(daysOf(CqlDate.of(2012, 2) ?? fail()).length).toBe(29);
});

function fail(): never {
  throw new Error('no such date');
}
