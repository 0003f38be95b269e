import { describe, expect, test } from '@jest/globals';
import { addUp } from '../../../src/measures/report/add-up.ts';
import { summaryReport } from '../../../src/measures/report/population.ts';
import { honestScore, scoreQuantity } from '../../../src/measures/report/score.ts';
import { asked, children, context, groupOf, measureOf, met, population } from './support.ts';

const nothingElse = { failures: [], failed: 0, pending: 0 };

describe('a proportion', () => {
  const group = groupOf('g');
  const scoreOf = (n: number, d: number) => {
    const [counts] = addUp(measureOf([group]), [children(n, { g: met }), children(d - n, { g: asked })]);
    return counts && honestScore(group, counts.tally);
  };

  test('of nobody has no score', () => {
    expect(scoreOf(0, 0)).toBeUndefined();
  });

  test('has its denominator and Wilson limits beside it', () => {
    const score = scoreOf(27, 30);
    expect(score).toMatchObject({ value: 0.9, of: 30, isSmall: false, limits: { method: 'Wilson score' } });
    expect(score?.limits?.low).toBeCloseTo(0.743789, 6);
    expect(scoreOf(8, 10)).toMatchObject({ of: 10, isSmall: true });
  });

  test('says in FHIR that it rests on few', () => {
    const score = scoreOf(8, 10);
    const basis = score && scoreQuantity(score).extension?.[0]?.extension;
    expect(basis?.map(({ url }) => url)).toEqual(['of', 'low', 'high', 'method', 'smallDenominator']);
  });
});

describe('visits per 1,000 member-months', () => {
  const observed = (id: string, about: string) =>
    population('measure-observation', id, { id, criteriaReference: about, aggregateMethod: 'sum' });
  const group = groupOf('visits', {
    scoring: 'ratio',
    rateUnit: { text: 'per 1,000 member-months', factor: 1000 },
    populations: [
      ...['initial-population', 'denominator', 'numerator'].map((code) => population(code)),
      observed('months', 'denominator'),
      observed('visit count', 'numerator'),
    ],
  });
  const unit = (months: number, visits: number) => ({
    children: 1,
    answer: {
      groups: [
        {
          group: 'visits',
          units: [{ populations: met, strata: {}, observations: { months, 'visit count': visits }, count: 1 }],
        },
      ],
      supplemental: {},
    },
  });
  const measure = measureOf([group]);
  const answers = [unit(12, 3), unit(6.5, 0), unit(1.5, 2)];

  test('have their time and exact Poisson limits beside them', () => {
    const [counts] = addUp(measure, answers);
    const score = counts && honestScore(group, counts.tally);
    expect(score).toMatchObject({ of: 20, unit: 'per 1,000 member-months', limits: { method: 'exact Poisson' } });
    expect(score?.value).toBeCloseTo(250, 9);
    // Garwood for 5 events: 1.6235 to 11.6683.
    expect(score?.limits?.low).toBeCloseTo(81.174, 2);
    expect(score?.limits?.high).toBeCloseTo(583.416, 2);
  });

  test('are told with their unit and the rule for partial months', () => {
    const report = summaryReport({ ...context, measure }, answers, nothingElse);
    const text = JSON.stringify(report.text);
    expect(text).toMatch('250.00 per 1,000 member-months (95 %: 81.17 to 583.42), n = 20');
    expect(text).toMatch('the days enrolled in it divided by the days of that month');
    expect(text).toMatch('America/Chicago');
    expect(text).toMatch('continuous enrollment is not asked for');
  });
});

test('children who could not be counted are told, by id where the reader sees every child and never in what is published', () => {
  const measure = measureOf([groupOf('g')]);
  const uncounted = { failures: [{ patientId: 'finn', text: 'Odd.' }], failed: 3, pending: 12 };
  const exact = JSON.stringify(summaryReport({ ...context, measure }, [], uncounted));
  expect(exact).toMatch('Patient/finn is not counted');
  expect(exact).toMatch('2 children could not be evaluated');
  expect(exact).toMatch('answers of 12 children');
  const hidingOf = () => ({ count: () => true, score: () => true, largest: 10 });
  const published = JSON.stringify(summaryReport({ ...context, measure }, [], uncounted, { hidingOf }));
  expect(published).not.toMatch('finn');
  expect(published).toMatch('A few children could not be evaluated');
});
