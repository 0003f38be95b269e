import { describe, expect, test } from '@jest/globals';
import { addUp } from '../../../src/measures/report/add-up.ts';
import { checkCoreSet, problemText } from '../../../src/measures/report/core-set/checks.ts';
import { coreSetCsv } from '../../../src/measures/report/core-set/csv.ts';
import { type CoreSetRow, coreSetRows } from '../../../src/measures/report/core-set/rows.ts';
import { asked, children, excluded, groupOf, measureOf, met, population, proportion } from './support.ts';

const head = { start: '2026-01-01', end: '2026-12-31', dataSource: 'Electronic Health Records' };

function row(more: Partial<CoreSetRow> = {}): CoreSetRow {
  const { numerator = 30, denominator = 40, isInverted = false } = more;
  const share = denominator > 0 ? numerator / denominator : undefined;
  return {
    measure: 'CIS-CH',
    title: 'Vaccines',
    rateId: 'mmr',
    rateLabel: 'MMR',
    numerator,
    denominator,
    rate: share !== undefined && isInverted ? 1 - share : share,
    isInverted,
    denominatorKey: 'all',
    totalOf: [],
    ...more,
  };
}

const problems = (rows: readonly CoreSetRow[], of: Partial<typeof head> = {}) =>
  checkCoreSet(rows, { ...head, ...of }).map(problemText);

describe('what the reporting application would refuse', () => {
  test.each<[string, CoreSetRow[], RegExp]>([
    ['no rate', [], /no rate to report/],
    ['a numerator above its denominator', [row({ numerator: 41 })], /mmr: The numerator is greater/],
    ['a count that is no whole number', [row({ numerator: 0.5 })], /whole numbers/],
    ['a count below 0', [row({ numerator: -1 })], /whole numbers/],
    ['no complete rate', [row({ numerator: 0, denominator: 0 })], /No rate is complete/],
    ['a rate of 0 with a numerator', [row({ rate: 0 })], /0 where the numerator is 0/],
    ['a rate above 0 without one', [row({ numerator: 0, rate: 0.5 })], /0 where the numerator is 0/],
    ['a rate that is another', [row({ rate: 0.7 })], /is not the numerator by the denominator/],
    ['an inverted rate that was not inverted', [row({ isInverted: true, numerator: 10, rate: 0.25 })], /1 less/],
    [
      'vaccines with other denominators',
      [row(), row({ rateId: 'ipv', denominator: 41 })],
      /ipv: The denominator has to be that of mmr/,
    ],
    [
      'a total that is no sum',
      [
        row({ rateId: 'total', totalOf: ['a', 'b'], denominatorKey: 't', numerator: 60, denominator: 81 }),
        row({ rateId: 'a', denominatorKey: 'a' }),
        row({ rateId: 'b', denominatorKey: 'b' }),
      ],
      /total: The denominator of the total is not the sum/,
    ],
    [
      'strata above their rate',
      [row(), row({ stratifier: 'sex', stratum: 'f' }), row({ stratifier: 'sex', stratum: 'm', numerator: 1 })],
      /strata by sex have a greater numerator/,
    ],
    [
      'a combination above one of its vaccines',
      [row({ rateId: 'combination-3', numerator: 31 }), row()],
      /combination-3: The rate is above that of mmr/,
    ],
  ])('%s', (_, rows, text) => {
    expect(problems(rows)).toContainEqual(expect.stringMatching(text));
  });

  test('a worksheet without a source or with a period that ends before it starts', () => {
    expect(problems([row()], { dataSource: ' ' })).toEqual(['The data source is not said.']);
    expect(problems([row()], { end: '2025-12-31' })).toEqual(['The first day is after the last.']);
  });

  test('nothing of a good one, inverted or not', () => {
    expect(problems([row(), row({ rateId: 'ipv', numerator: 0 })])).toEqual([]);
    expect(problems([row({ measure: 'AAB-CH', isInverted: true, numerator: 0 })])).toEqual([]);
    expect(problems([row({ measure: 'AAB-CH', isInverted: true, numerator: 40 })])).toEqual([]);
  });
});

describe('rows of a measure', () => {
  const bands = measureOf(
    ['total', 'age-3-11', 'age-12-17'].map((id) =>
      groupOf(id, { populations: proportion.map((code) => population(code, `${id} ${code}`)) }),
    ),
    { supplemental: [{ id: 'sex', expression: 'SDE Sex', usage: 'supplemental-data' }] },
  );
  const answers = [
    children(3, { total: met, 'age-3-11': met }, { supplemental: { sex: ['http://example.org|f'] } }),
    children(2, { total: asked, 'age-3-11': asked }),
    children(4, { total: met, 'age-12-17': met }, { supplemental: { sex: ['http://example.org|m'] } }),
    children(1, { total: excluded, 'age-12-17': excluded }),
  ];

  test('have effective counts, totals, and unknown as a stratum of its own', () => {
    const rows = coreSetRows(bands, addUp(bands, answers));
    const told = rows.map((each) => [each.rateId, each.stratum ?? 'all', each.numerator, each.denominator]);
    expect(told).toEqual([
      ['total', 'all', 7, 9],
      ['total', 'f', 3, 3],
      ['total', 'm', 4, 4],
      ['total', 'Unknown', 0, 2],
      ['age-3-11', 'all', 3, 5],
      ['age-3-11', 'f', 3, 3],
      ['age-3-11', 'Unknown', 0, 2],
      ['age-12-17', 'all', 4, 4],
      ['age-12-17', 'm', 4, 4],
      ['age-12-17', 'Unknown', 0, 0],
    ]);
    expect(problems(rows)).toEqual([]);
  });

  test('of what is reported the other way round are 1 - N/D', () => {
    const aab = { ...bands, name: 'bronchitis-antibiotics' };
    const [first] = coreSetRows(aab, addUp(aab, answers));
    expect(first).toMatchObject({ measure: 'AAB-CH', isInverted: true, numerator: 7, denominator: 9 });
    expect(first?.rate).toBeCloseTo(2 / 9, 12);
  });
});

test('the CSV quotes what has to be quoted, and tells no formula to a spreadsheet', () => {
  const odd = row({ title: 'Vaccines, "all"', rateLabel: '=cmd()', stratifier: 'sex', stratum: 'f' });
  const csv = coreSetCsv([odd], head, [{ measure: 'CIS-CH', rate: 'mmr', stratum: 'sex: f', text: 'Wrong.' }]);
  const [, line, end] = csv.split('\r\n');
  expect(line).toBe(
    `CIS-CH,"Vaccines, ""all""",mmr,'=cmd(),sex,f,30,40,0.7500,N/D,Electronic Health Records,,,2026-01-01,2026-12-31,,Wrong.`,
  );
  expect(end).toBe('');
});
