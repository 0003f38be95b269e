import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { collapse } from '../../../../src/measures/engine/operators/collapse.ts';
import { expand } from '../../../../src/measures/engine/operators/expand.ts';
import * as relations from '../../../../src/measures/engine/operators/interval-relations.ts';
import {
  exceptInterval,
  intersectIntervals,
  unionIntervals,
} from '../../../../src/measures/engine/operators/interval-sets.ts';
import {
  after,
  before,
  sameAs,
  sameOrAfter,
  sameOrBefore,
} from '../../../../src/measures/engine/operators/ordering.ts';
import { CqlDate } from '../../../../src/measures/engine/values/date.ts';
import { Decimal } from '../../../../src/measures/engine/values/decimal.ts';
import { Interval } from '../../../../src/measures/engine/values/interval.ts';
import { Quantity } from '../../../../src/measures/engine/values/quantity.ts';
import type { Truth, Value } from '../../../../src/measures/engine/values/types.ts';
import { units } from '../values/arbitraries.ts';

/** An interval with the whole numbers in it. */
interface Sample {
  interval: Interval;
  points: number[];
}

const low = 0;
const high = 14;
const numbers = Array.from({ length: high - low + 1 }, (_, n) => low + n);

/** Of integers, or of days; some with a closed bound of null, which goes on to the end. */
function samples(point: (n: number) => Value): fc.Arbitrary<Sample> {
  return fc
    .record({
      from: fc.integer({ min: 2, max: 12 }),
      size: fc.integer({ min: 0, max: 6 }),
      opens: fc.boolean(),
      closes: fc.boolean(),
    })
    .map(({ from, size, opens, closes }) => {
      const to = from + size;
      const interval = new Interval(point(opens ? from - 1 : from), point(closes ? to + 1 : to), !opens, !closes);
      return { interval, points: numbers.concat([15, 16, 17, 18]).filter((n) => n >= from && n <= to) };
    });
}

const integers = samples((n) => n);
const days = samples((n) => CqlDate.ofDay(n));

const first = (set: number[]) => Math.min(...set);
const last = (set: number[]) => Math.max(...set);
const within = (inner: number[], outer: number[]) => inner.every((n) => outer.includes(n));
const shared = (left: number[], right: number[]) => left.filter((n) => right.includes(n));

type Relation = (left: Interval, right: Interval, at: 0) => Truth;
type SetRelation = (left: number[], right: number[]) => boolean;

const table: [string, Relation, SetRelation][] = [
  ['includes', relations.includes, (left, right) => within(right, left)],
  ['properIncludes', relations.properIncludes, (left, right) => within(right, left) && left.length > right.length],
  ['overlaps', relations.overlaps, (left, right) => shared(left, right).length > 0],
  [
    'overlapsBefore',
    relations.overlapsBefore,
    (left, right) => shared(left, right).length > 0 && first(left) < first(right),
  ],
  [
    'overlapsAfter',
    relations.overlapsAfter,
    (left, right) => shared(left, right).length > 0 && last(left) > last(right),
  ],
  ['meetsBefore', relations.meetsBefore, (left, right) => last(left) + 1 === first(right)],
  ['meets', relations.meets, (left, right) => last(left) + 1 === first(right) || last(right) + 1 === first(left)],
  ['starts', relations.starts, (left, right) => first(left) === first(right) && within(left, right)],
  ['ends', relations.ends, (left, right) => last(left) === last(right) && within(left, right)],
  ['before', before, (left, right) => last(left) < first(right)],
  ['after', after, (left, right) => first(left) > last(right)],
  ['sameOrBefore', sameOrBefore, (left, right) => last(left) <= first(right)],
  ['sameOrAfter', sameOrAfter, (left, right) => first(left) >= last(right)],
  ['sameAs', sameAs, (left, right) => within(left, right) && within(right, left)],
];

describe.each([
  ['integers', integers],
  ['days', days],
])('relations of intervals of %s are those of sets', (_, sample) => {
  test.each(table)('%s', (_name, relation, ofSets) => {
    fc.assert(
      fc.property(sample, sample, (left, right) => {
        expect(relation(left.interval, right.interval, 0)).toBe(ofSets(left.points, right.points));
      }),
      { numRuns: 300 },
    );
  });
});

describe('intervals with bounds that are not known', () => {
  /** An interval with all that it may stand for. */
  const vague = fc
    .record({
      from: fc.integer({ min: 2, max: 8 }),
      size: fc.integer({ min: 0, max: 4 }),
      kind: fc.constantFrom('low', 'high', 'none'),
    })
    .map(({ from, size, kind }) => {
      const to = from + size;
      const lows = kind === 'low' ? numbers.filter((n) => n <= to) : [from];
      const highs = kind === 'high' ? numbers.filter((n) => n >= from) : [to];
      const interval = new Interval(
        kind === 'low' ? null : from,
        kind === 'high' ? null : to,
        kind !== 'low',
        kind !== 'high',
      );
      const sets = lows.flatMap((start) => highs.map((end) => numbers.filter((n) => n >= start && n <= end)));
      return { interval, sets };
    });

  test.each(table)('%s says only what holds for all that they may stand for', (_name, relation, ofSets) => {
    fc.assert(
      fc.property(vague, vague, (left, right) => {
        const answer = relation(left.interval, right.interval, 0);
        if (answer === null) return;
        const holds = (one: number[]) => right.sets.every((other) => ofSets(one, other) === answer);
        expect(left.sets.every(holds)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test('contains says what holds for all, and nothing else', () => {
    fc.assert(
      fc.property(vague, fc.integer({ min: low, max: high }), ({ interval, sets }, n) => {
        const answers = new Set(sets.map((set) => set.includes(n)));
        expect(relations.contains(interval, n, 0)).toBe(answers.size === 1 ? answers.has(true) : null);
      }),
    );
  });
});

function pointsOf(value: Value): number[] {
  if (!(value instanceof Interval)) throw new Error('no interval');
  const { start, end } = value;
  if (typeof start !== 'number' || typeof end !== 'number') throw new Error('no integers');
  return Array.from({ length: end - start + 1 }, (_, n) => start + n);
}

const union = (...sets: number[][]) => [...new Set(sets.flat())].sort((left, right) => left - right);
const isContiguous = (set: number[]) => set.length > 0 && last(set) - first(set) + 1 === set.length;

/** The sets that an operator gives for two samples: null where the sets have no interval as an answer. */
const setTable: [
  string,
  (left: Interval, right: Interval) => Interval | null,
  (left: number[], right: number[]) => number[],
][] = [
  ['union', unionIntervals, (left, right) => union(left, right)],
  ['intersect', intersectIntervals, shared],
  ['except', exceptInterval, (left, right) => left.filter((n) => !right.includes(n))],
];

test.each(setTable)('%s of intervals is that of sets, and null when it is no interval', (_, operator, ofSets) => {
  fc.assert(
    fc.property(integers, integers, (left, right) => {
      const set = ofSets(left.points, right.points);
      const answer = operator(left.interval, right.interval);
      expect(answer && pointsOf(answer)).toEqual(isContiguous(set) ? set : null);
    }),
    { numRuns: 500 },
  );
});

test('contains and its proper form are membership', () => {
  fc.assert(
    fc.property(integers, fc.integer({ min: low, max: 20 }), ({ interval, points }, n) => {
      expect(relations.contains(interval, n, 0)).toBe(points.includes(n));
      expect(relations.properContains(interval, n, 0)).toBe(points.includes(n) && points.length > 1);
    }),
  );
});

const many = fc.array(integers, { maxLength: 6 });

test('collapse covers the same points, in order, with a gap between any two', () => {
  fc.assert(
    fc.property(many, (list) => {
      const answer = collapse(
        list.map(({ interval }) => interval),
        null,
      );
      const sets = Array.isArray(answer) ? answer.map(pointsOf) : [];
      expect(sets.flat()).toEqual(union(...list.map(({ points }) => points)));
      for (const [n, set] of sets.entries()) if (n > 0) expect(first(set) - last(sets[n - 1] ?? [])).toBeGreaterThan(1);
    }),
  );
});

test('collapse per a number closes the gaps up to it', () => {
  const per = new Quantity(Decimal.fromInteger(3), units.of('1'));
  fc.assert(
    fc.property(many, (list) => {
      const answer = collapse(
        list.map(({ interval }) => interval),
        per,
      );
      const sets = Array.isArray(answer) ? answer.map(pointsOf) : [];
      const all = union(...list.map(({ points }) => points));
      const filled = all.flatMap((n, at) => {
        const gap = (all[at + 1] ?? n) - n;
        return gap <= 3 ? Array.from({ length: Math.max(1, gap) }, (_, k) => n + k) : [n];
      });
      expect(sets.flat()).toEqual(filled);
    }),
  );
});

test('expand gives parts of one size that lie in the interval, one after the other', () => {
  fc.assert(
    fc.property(integers, fc.integer({ min: 1, max: 4 }), ({ interval, points }, size) => {
      const per = new Quantity(Decimal.fromInteger(size), units.of('1'));
      const parts = expand([interval], per);
      const sets = Array.isArray(parts) ? parts.map(pointsOf) : [];
      expect(sets.flat()).toEqual(points.slice(0, Math.floor(points.length / size) * size));
      expect(sets.every((set) => set.length === size)).toBe(true);
    }),
  );
});
