import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Cell, largestHidden, type Sum, type Table } from '../../../src/measures/honest/suppression/cells.ts';
import { hideSmall } from '../../../src/measures/honest/suppression/hide-small.ts';
import { leastSaid, possibleValues, recovered } from './recovery.ts';

const cell = (id: string, count: number, more: Partial<Cell> = {}): Cell => ({
  id,
  count,
  kind: 'shown',
  worth: 0,
  ...more,
});

/** A numerator and its denominator; those who are not met are never printed. */
function proportion(n: number, d: number): Table {
  return {
    cells: [cell('N', n), cell('D', d, { worth: 1 }), cell('unmet', d - n, { kind: 'derived' })],
    sums: [{ total: 'D', parts: ['N', 'unmet'] }],
  };
}

const hiddenOf = (table: Table, largest = 10) => [...(hideSmall(table, largest) ?? ['nothing would do'])].sort();

describe('one proportion', () => {
  test.each([
    ['0 of 50 is shown', 0, 50, []],
    ['0 of 0 is shown', 0, 0, []],
    ['1 of 50', 1, 50, ['N']],
    ['10 of 50', 10, 50, ['N']],
    ['11 of 50 is shown', 11, 50, []],
    ['11 of 21: 10 could be worked out', 11, 21, ['N']],
    ['11 of 22 is shown', 11, 22, []],
    ['50 of 50 is shown', 50, 50, []],
    ['995 of 1,000: 5 could be worked out', 995, 1000, ['N']],
    ['989 of 1,000 is shown', 989, 1000, []],
    ['3 of 8', 3, 8, ['D', 'N']],
    ['0 of 8: the 0 is shown', 0, 8, ['D']],
    ['8 of 8', 8, 8, ['D', 'N']],
  ])('%s', (_, n, d, hidden) => {
    expect(hiddenOf(proportion(n, d))).toEqual(hidden);
  });
});

describe('the largest count that is hidden', () => {
  test.each([
    ['the rule of 10, where the policy asks for less', 2, 10],
    ['the rule of 10, where the policy says the same', 11, 10],
    ['what the policy asks for, where that is more', 20, 19],
  ])('%s', (_, minimumCell, largest) => expect(largestHidden(minimumCell)).toBe(largest));

  test('decides of one proportion', () => {
    expect(hiddenOf(proportion(15, 60), 19)).toEqual(['N']);
    expect(hiddenOf(proportion(45, 60), 19)).toEqual(['N']);
    expect(hiddenOf(proportion(20, 60), 19)).toEqual([]);
  });
});

describe('a table with a total', () => {
  const strata = (...counts: number[]): Table => ({
    cells: [
      ...counts.map((count, index) => cell(`s${index}`, count)),
      cell(
        'total',
        counts.reduce((sum, each) => sum + each, 0),
        { worth: 1 },
      ),
    ],
    sums: [{ total: 'total', parts: counts.map((_, index) => `s${index}`) }],
  });

  test('a single hidden stratum takes a second one with it, the smallest', () => {
    expect(hiddenOf(strata(5, 40, 30, 60))).toEqual(['s0', 's2']);
  });

  test('two small strata whose sum is small take a third one', () => {
    expect(hiddenOf(strata(3, 4, 40))).toEqual(['s0', 's1', 's2']);
  });

  test('two small strata whose sum is not small are enough', () => {
    expect(hiddenOf(strata(7, 9, 40))).toEqual(['s0', 's1']);
  });

  test('with nothing else to hide the total goes', () => {
    expect(hiddenOf(strata(5, 0, 0))).toEqual(['s0', 'total']);
    expect(hiddenOf(strata(15, 0))).toEqual([]);
  });
});

test('a site within a program: what the others have together is not small either', () => {
  const table: Table = {
    cells: [
      ...proportion(40, 100).cells.map((each) => ({ ...each, id: `program ${each.id}`, worth: each.worth + 2 })),
      ...proportion(35, 60).cells.map((each) => ({ ...each, id: `site ${each.id}` })),
      ...['N', 'D', 'unmet'].map((id, index) => cell(`rest ${id}`, [5, 40, 35][index] ?? 0, { kind: 'derived' })),
    ],
    sums: [
      ...['program', 'site', 'rest'].map((of): Sum => ({ total: `${of} D`, parts: [`${of} N`, `${of} unmet`] })),
      ...['N', 'D', 'unmet'].map((id): Sum => ({ total: `program ${id}`, parts: [`site ${id}`, `rest ${id}`] })),
    ],
  };
  const hidden = hiddenOf(table);
  expect(hidden).toContain('site N');
  expect(recovered(table, new Set(hidden))).toEqual([]);
});

describe('beside an earlier report', () => {
  const grown = (before: number, now: number): Table => ({
    cells: [
      cell('now', now),
      cell('before', before, { kind: 'fixed' }),
      cell('new', now - before, { kind: 'derived' }),
    ],
    sums: [{ total: 'now', parts: ['before', 'new'] }],
  });

  test('a count that differs by a few is not shown again', () => {
    expect(hiddenOf(grown(100, 104))).toEqual(['now']);
    expect(hiddenOf(grown(100, 100))).toEqual([]);
    expect(hiddenOf(grown(100, 111))).toEqual([]);
  });

  test('what earlier reports give away cannot be mended', () => {
    const table: Table = {
      cells: [
        cell('a', 100, { kind: 'fixed' }),
        cell('b', 95, { kind: 'fixed' }),
        cell('left', 5, { kind: 'derived' }),
      ],
      sums: [{ total: 'a', parts: ['b', 'left'] }],
    };
    expect(hideSmall(table, 10)).toBeUndefined();
  });
});

/** Strata by populations, with the totals of every row and column, as a report prints them. */
function grid(rows: readonly (readonly number[])[], derived: readonly number[]): Table {
  const width = rows[0]?.length ?? 0;
  const columns = Array.from({ length: width }, (_, c) => c);
  const sum = (counts: readonly number[]) => counts.reduce((total, each) => total + each, 0);
  const kind = (c: number): Cell['kind'] => (derived.includes(c) ? 'derived' : 'shown');
  const column = (c: number) => rows.map((row) => row[c] ?? 0);
  return {
    cells: [
      ...rows.flatMap((row, r) => row.map((count, c) => cell(`${r},${c}`, count, { kind: kind(c) }))),
      ...rows.map((row, r) => cell(`${r},all`, sum(row), { worth: 1 })),
      ...columns.map((c) => cell(`all,${c}`, sum(column(c)), { kind: kind(c), worth: 2 })),
      cell('all,all', sum(rows.flat()), { worth: 3 }),
    ],
    sums: [
      ...rows.map((_, r): Sum => ({ total: `${r},all`, parts: columns.map((c) => `${r},${c}`) })),
      ...columns.map((c): Sum => ({ total: `all,${c}`, parts: rows.map((_row, r) => `${r},${c}`) })),
      { total: 'all,all', parts: columns.map((c) => `all,${c}`) },
      { total: 'all,all', parts: rows.map((_, r) => `${r},all`) },
    ],
  };
}

const count = fc.oneof(
  fc.integer({ min: 0, max: 12 }),
  fc.integer({ min: 0, max: 60 }),
  fc.integer({ min: 0, max: 2000 }),
);
const table = fc
  .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 4 }))
  .chain(([height, width]) =>
    fc.tuple(
      fc.array(fc.array(count, { minLength: width, maxLength: width }), { minLength: height, maxLength: height }),
      fc.subarray(Array.from({ length: width }, (_, c) => c)),
    ),
  )
  .map(([rows, derived]) => grid(rows, derived));

test('no small count can be worked out from what is shown, by elimination and by bounds', () => {
  fc.assert(
    fc.property(table, fc.constantFrom(10, 10, 4, 40), (drawn, largest) => {
      const hidden = hideSmall(drawn, largest);
      if (!hidden) throw new Error('a table of one report can always be made safe');
      for (const { id, count: n, kind } of drawn.cells) {
        if (kind === 'shown' && n > 0 && n <= largest) expect(hidden.has(id)).toBe(true);
        if (n === 0) expect(hidden.has(id)).toBe(false);
      }
      expect(recovered(drawn, hidden, largest)).toEqual([]);
    }),
    { numRuns: 150 },
  );
});

test('in small tables every hidden small count could be 1, could be 10, and whatever lies between', () => {
  const small = fc
    .tuple(
      fc.array(fc.array(fc.integer({ min: 0, max: 14 }), { minLength: 2, maxLength: 2 }), {
        minLength: 1,
        maxLength: 3,
      }),
      fc.boolean(),
    )
    .map(([rows, complement]) => grid(rows, complement ? [1] : []));
  fc.assert(
    fc.property(small, (drawn) => {
      const hidden = hideSmall(drawn, 10) ?? new Set();
      const floor = leastSaid(drawn);
      for (const { id, count: n } of drawn.cells) {
        if (n === 0 || n > 10) continue;
        const least = floor(id);
        const all = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].filter((each) => each >= least);
        const values = possibleValues(drawn, hidden, id, 10);
        expect([id, all.filter((each) => !values.has(each))]).toEqual([id, []]);
      }
    }),
    { numRuns: 40 },
  );
});

test('hides little where nothing is small', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.integer({ min: 11, max: 500 }), { minLength: 3, maxLength: 3 }), {
        minLength: 1,
        maxLength: 5,
      }),
      (rows) => expect([...(hideSmall(grid(rows, []), 10) ?? ['x'])]).toEqual([]),
    ),
    { numRuns: 50 },
  );
});

test('a report of 40 strata by 6 populations hides not much more than what is small', () => {
  const rows = Array.from({ length: 40 }, (_, r) => Array.from({ length: 6 }, (_x, c) => (r * 7 + c * 13) % 37));
  const drawn = grid(rows, []);
  const hidden = hideSmall(drawn, 10) ?? new Set();
  const small = drawn.cells.filter(({ count: n }) => n > 0 && n < 11).length;
  expect(hidden.size).toBeLessThanOrEqual(small * 2);
});
