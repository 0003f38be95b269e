import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { r4 } from '../../../src/fhir/types.ts';
import { addUp, type CountedAnswer } from '../../../src/measures/report/add-up.ts';
import { cellOf, rowOf } from '../../../src/measures/report/cell-names.ts';
import { summaryReport } from '../../../src/measures/report/population.ts';
import { hidingOf } from '../../../src/measures/report/published.ts';
import { tableOf } from '../../../src/measures/report/table.ts';
import type { MeasureDefinition } from '../../../src/measures/types.ts';
import { recovered } from '../honest/recovery.ts';
import { asked, children, context, excluded, groupOf, measureOf, met, population, proportion } from './support.ts';

const nothingElse = { failures: [], failed: 0, pending: 0 };

function publish(
  measure: MeasureDefinition,
  answers: CountedAnswer[],
  earlier: r4.MeasureReport[] = [],
  largest = 10,
): r4.MeasureReport {
  const options = { hidingOf: (counts: Parameters<typeof hidingOf>[0]) => hidingOf(counts, { earlier, largest }) };
  return summaryReport({ ...context, measure }, answers, nothingElse, options) as unknown as r4.MeasureReport;
}

type Populations = r4.MeasureReportGroupPopulation[] | undefined;

/** What is printed: a number, or `hidden`. */
function printed(populations: Populations): Record<string, number | string> {
  return Object.fromEntries(
    (populations ?? []).map(({ code, count }) => [code?.coding?.[0]?.code ?? '', count ?? 'hidden']),
  );
}

const measure = measureOf([groupOf('g')]);

describe('one group', () => {
  test('of large counts is shown as it is, with its rate', () => {
    const report = publish(measure, [
      children(60, { g: met }),
      children(30, { g: asked }),
      children(11, { g: excluded }),
    ]);
    expect(printed(report.group?.[0]?.population)).toEqual({
      'initial-population': 101,
      denominator: 101,
      'denominator-exclusion': 11,
      numerator: 60,
    });
    expect(report.group?.[0]?.measureScore?.value).toBeCloseTo(60 / 90, 12);
  });

  test('hides 995 of 1,000, and its rate', () => {
    const [group] = publish(measure, [children(995, { g: met }), children(5, { g: asked })]).group ?? [];
    expect(printed(group?.population)).toMatchObject({ denominator: 1000, numerator: 'hidden' });
    expect(group?.measureScore).toBeUndefined();
    const masked = group?.population?.[3] as { _count?: r4.Element } | undefined;
    expect(masked?._count?.extension?.[0]).toMatchObject({ valueCode: 'masked' });
  });

  test('hides few who are excluded, and what would tell them', () => {
    const [group] =
      publish(measure, [children(50, { g: met }), children(40, { g: asked }), children(3, { g: excluded })]).group ??
      [];
    expect(printed(group?.population)['denominator-exclusion']).toBe('hidden');
    // 93, 50 and nothing else: those excluded and those not met are 43 together.
    expect(printed(group?.population)).toMatchObject({ denominator: 93, numerator: 50 });
    expect(group?.measureScore).toBeUndefined();
  });

  test.each([
    [29, false],
    [30, true],
  ])('shows the rate of %d: %s', (of, isShown) => {
    const [group] = publish(measure, [children(15, { g: met }), children(of - 15, { g: asked })]).group ?? [];
    expect(printed(group?.population)).toMatchObject({ denominator: of, numerator: 15 });
    expect(group?.measureScore !== undefined).toBe(isShown);
  });

  test('names no child, and says that counts were hidden in its words too', () => {
    const text = JSON.stringify(publish(measure, [children(995, { g: met }), children(5, { g: asked })]));
    expect(text).toMatch('not shown');
    expect(text).not.toMatch('995');
    expect(text).not.toMatch(/Patient\//);
  });
});

describe('strata', () => {
  const told = measureOf([groupOf('g')], {
    supplemental: [{ id: 'sex', expression: 'SDE Sex', usage: 'supplemental-data' }],
  });
  const sex = (value: string[]) => ({ supplemental: { sex: value } });

  test('a small stratum takes a second one with it, and unknown is a row of its own', () => {
    const report = publish(told, [
      children(40, { g: met }, sex(['http://hl7.org/fhir/administrative-gender|female'])),
      children(20, { g: asked }, sex(['http://hl7.org/fhir/administrative-gender|female'])),
      children(50, { g: met }, sex(['http://hl7.org/fhir/administrative-gender|male'])),
      children(30, { g: asked }, sex(['http://hl7.org/fhir/administrative-gender|male'])),
      children(4, { g: met }, sex([])),
    ]);
    const strata = report.group?.[0]?.stratifier?.[0]?.stratum ?? [];
    expect(strata.map(({ value }) => value?.coding?.[0]?.code)).toEqual(['female', 'male', 'UNK']);
    expect(strata.map(({ population }) => printed(population).denominator)).toEqual(['hidden', 80, 'hidden']);
    expect(strata.map(({ measureScore }) => measureScore !== undefined)).toEqual([false, true, false]);
    expect(printed(report.group?.[0]?.population)).toMatchObject({ denominator: 144 });
  });

  test('a child with several values is in one stratum, so that strata add up', () => {
    const [group] = addUp(told, [children(3, { g: met }, sex(['a', 'b'])), children(2, { g: met }, sex(['a']))]);
    const counts = group?.split[0]?.strata.map(({ stratum, tally }) => [stratum, tally.counts.numerator]);
    expect(counts).toEqual([
      ['a', 2],
      ['|several', 3],
    ]);
  });
});

test('what one group hides is not shown by another that counts the same children', () => {
  const two = measureOf([
    groupOf('mmr'),
    groupOf('vzv', {
      populations: proportion.map((code) => population(code, code === 'numerator' ? 'other numerator' : code)),
    }),
  ]);
  const report = publish(two, [children(6, { mmr: met, vzv: met }), children(1, { mmr: asked, vzv: met })]);
  expect(report.group?.map(({ population }) => printed(population).denominator)).toEqual(['hidden', 'hidden']);
});

test('a total beside age bands does not give a band away', () => {
  const bands = measureOf(
    ['total', 'age-3-11', 'age-12-17', 'age-18-21'].map((id) =>
      groupOf(id, { populations: proportion.map((code) => population(code, `${id} ${code}`)) }),
    ),
  );
  const report = publish(bands, [
    children(5, { total: met, 'age-3-11': met }),
    children(45, { total: asked, 'age-3-11': asked }),
    children(40, { total: met, 'age-12-17': met }),
    children(40, { total: asked, 'age-12-17': asked }),
    children(30, { total: met, 'age-18-21': met }),
    children(30, { total: asked, 'age-18-21': asked }),
  ]);
  const numerators = report.group?.map(({ population }) => printed(population).numerator) ?? [];
  expect(numerators[1]).toBe('hidden');
  expect(numerators.filter((each) => each === 'hidden').length).toBeGreaterThan(1);
});

test('where the policy lets no count under 20 be told, 15 of 60 is hidden, and 60 of 75 with it', () => {
  const few = [children(15, { g: met }), children(45, { g: asked })];
  expect(printed(publish(measure, few).group?.[0]?.population)).toMatchObject({ numerator: 15, denominator: 60 });
  const strict = publish(measure, few, [], 19);
  expect(printed(strict.group?.[0]?.population)).toMatchObject({ numerator: 'hidden', denominator: 60 });
  expect(strict.group?.[0]?.measureScore).toBeUndefined();
  const nearlyAll = publish(measure, [children(60, { g: met }), children(15, { g: asked })], [], 19);
  expect(printed(nearlyAll.group?.[0]?.population)).toMatchObject({ numerator: 'hidden', denominator: 75 });
});

test('nor is told how many children could not be evaluated, where they are as few', () => {
  const told = (largest: number) =>
    JSON.stringify(
      summaryReport(
        { ...context, measure },
        [children(60, { g: met })],
        { failures: [], failed: 15, pending: 12 },
        {
          hidingOf: (counts) => hidingOf(counts, { largest }),
        },
      ),
    );
  expect(told(10)).toMatch('15 children could not be evaluated');
  expect(told(19)).toMatch('A few children could not be evaluated');
  expect(told(19)).not.toMatch(/\b1[25] children/);
});

describe('beside a report that was published before', () => {
  const before = publish(measure, [children(60, { g: met }), children(40, { g: asked })]);

  test('a count that changed by a few is hidden', () => {
    const after = publish(measure, [children(63, { g: met }), children(40, { g: asked })], [before]);
    expect(printed(after.group?.[0]?.population)).toMatchObject({ numerator: 'hidden', denominator: 'hidden' });
  });

  test('one that is the same, or changed by many, is shown', () => {
    const after = publish(measure, [children(60, { g: met }), children(40, { g: asked })], [before]);
    expect(printed(after.group?.[0]?.population)).toMatchObject({ numerator: 60, denominator: 100 });
    const later = publish(measure, [children(80, { g: met }), children(40, { g: asked })], [before]);
    expect(printed(later.group?.[0]?.population)).toMatchObject({ numerator: 80, denominator: 120 });
  });
});

test('nothing small can be worked out of any published report', () => {
  const by = { id: 'by', components: [{ id: 'value', expression: 'x' }] };
  const drawn = measureOf(
    [
      groupOf('a', { stratifiers: [by] }),
      groupOf('b', { stratifiers: [by], populations: proportion.map((code) => population(code, `b ${code}`)) }),
    ],
    { supplemental: [{ id: 'race', expression: 'SDE Race', usage: 'supplemental-data' }] },
  );
  const membership = fc.constantFrom(asked, met, excluded, ['initial-population'], []);
  const some = fc
    .record({
      count: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 300 })),
      a: membership,
      b: membership,
      by: fc.constantFrom('x', 'y', ''),
      race: fc.constantFrom<string[]>(['r1'], ['r2'], ['r1', 'r2'], []),
    })
    .map(({ count, a, b, by: stratum, race }) =>
      children(count, { a, b }, { strata: { by: stratum }, supplemental: { race } }),
    );
  fc.assert(
    fc.property(fc.array(some, { minLength: 1, maxLength: 10 }), fc.constantFrom(10, 10, 29), (answers, largest) => {
      const counts = addUp(drawn, answers);
      const hiding = hidingOf(counts, { largest });
      const table = tableOf(counts);
      const hidden = new Set<string>();
      const small = (n: number | undefined) => n !== undefined && n > 0 && n <= largest;
      for (const { group, tally, split } of counts) {
        for (const { id } of group.populations) {
          if (small(tally.counts[id])) expect(hiding.count(group.id, id)).toBe(true);
          for (const { by: splitting, strata } of split) {
            for (const { stratum, tally: inside } of strata) {
              if (small(inside.counts[id])) expect(hiding.count(group.id, id, splitting.id, stratum)).toBe(true);
            }
          }
        }
      }
      // Which cells are hidden, as the report would print them.
      for (const { id, print } of printedCells(counts, hiding)) if (!print) hidden.add(id);
      expect(recovered(table, hidden, largest)).toEqual([]);
    }),
    { numRuns: 25 },
  );
});

function printedCells(counts: ReturnType<typeof addUp>, hiding: ReturnType<typeof hidingOf>) {
  return counts.flatMap(({ group, split }) =>
    group.populations.flatMap((each) => [
      { id: cellOf(group, each, rowOf()), print: !hiding.count(group.id, each.id) },
      ...split.flatMap(({ by, strata }) =>
        strata.map(({ stratum }) => ({
          id: cellOf(group, each, rowOf(by.id, stratum)),
          print: !hiding.count(group.id, each.id, by.id, stratum),
        })),
      ),
    ]),
  );
}
