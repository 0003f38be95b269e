import { describe, expect, test } from '@jest/globals';
import type { r4 } from '../../../src/fhir/types.ts';
import { readDefinition } from '../../../src/measures/definition/read-definition.ts';

const us = 'http://hl7.org/fhir/us/cqfmeasures/StructureDefinition/cqfm';
const types = new Set(['Encounter', 'Patient']);
const criteria = (expression: string) => ({ language: 'text/cql-identifier', expression });
const coded = (code: string) => ({ coding: [{ code }] });
const population = (code: string, more: Partial<r4.MeasureGroupPopulation> = {}): r4.MeasureGroupPopulation => ({
  code: coded(code),
  criteria: criteria(code),
  ...more,
});
const proportion = ['initial-population', 'denominator', 'numerator'].map((code) => population(code));

function read(group: Partial<r4.MeasureGroup>[], more: Partial<r4.Measure> = {}) {
  return readDefinition(
    {
      resourceType: 'Measure',
      status: 'active',
      library: ['http://example.org/Library/L'],
      scoring: coded('proportion'),
      group,
      ...more,
    },
    types,
  );
}
const told = (...question: Parameters<typeof read>) =>
  read(...question).issues.map(({ code, text, expression }) => `${code} ${expression?.[0]} ${text}`);

describe('is told with its place:', () => {
  test('everything at once', () => {
    expect(
      told(
        [
          {
            id: 'g',
            population: [
              population('initial-population'),
              population('initial-population'),
              population('denominator', { criteria: { language: 'text/fhirpath', expression: 'x' } }),
            ],
          },
          { id: 'g', population: [...proportion, population('measure-population')], stratifier: [{}] },
        ],
        {
          scoring: coded('guess'),
          improvementNotation: coded('sideways'),
          supplementalData: [{ criteria: { language: 'text/cql' } }],
        },
      ),
    ).toEqual([
      'value Measure.scoring scoring has to be one of proportion, ratio, cohort, continuous-variable, composite.',
      'value Measure.improvementNotation improvementNotation has to be increase or decrease.',
      'not-supported Measure.group[0].population[2].criteria.language The population has to name a CQL definition (text/cql-identifier).',
      'required Measure.group[0].population A proportion group needs a population numerator.',
      'duplicate Measure.group[0].population[1].code A proportion group has too many populations initial-population.',
      'duplicate Measure.group[1].id Two groups of the measure have this id.',
      'invariant Measure.group[1].population[3].code A proportion group has no population measure-population.',
      'required Measure.group[1].stratifier[0].criteria.expression The stratifier names no expression.',
      'required Measure.supplementalData[0].criteria.expression The supplemental data element names no expression.',
    ]);
  });

  test.each([
    ['no group', [], {}, 'required Measure.group The measure has no group, so nothing to count.'],
    [
      'no library',
      [{ population: proportion }],
      { library: [] },
      'required Measure.library The measure names no Library.',
    ],
    [
      'two libraries',
      [{ population: proportion }],
      { library: ['a', 'b'] },
      'not-supported Measure.library A measure has one Library; others are included by it.',
    ],
    [
      'a basis that is no resource type',
      [{ population: proportion }],
      { extension: [{ url: `${us}-populationBasis`, valueCode: 'Visit' }] },
      'not-supported Measure.extension populationBasis has to be boolean or a resource type.',
    ],
    [
      'an observation without a way to put them together',
      [
        {
          population: [
            population('initial-population'),
            population('measure-population'),
            population('measure-observation'),
          ],
        },
      ],
      { scoring: coded('continuous-variable') },
      "required Measure.group[0].population[2].extension The observation's aggregateMethod has to be one of sum, average, avg, mean, median, minimum, min, maximum, max, count.",
    ],
    [
      'a ratio with two initial populations that nobody refers to',
      [
        {
          population: [
            population('initial-population'),
            population('initial-population'),
            population('denominator', {
              extension: [{ url: `${us}-criteriaReference`, valueString: 'initial-population' }],
            }),
            population('numerator'),
          ],
        },
      ],
      { scoring: coded('ratio') },
      'required Measure.group[0].population[3].extension With two initial populations the numerator has to refer to one of them (criteriaReference).',
    ],
    [
      'a stratifier that applies to what is not there',
      [
        {
          population: proportion,
          stratifier: [
            {
              criteria: criteria('S'),
              extension: [{ url: `${us}-appliesTo`, valueCodeableConcept: coded('denominator-exclusion') }],
            },
          ],
        },
      ],
      {},
      'not-found Measure.group[0].stratifier[0].extension appliesTo has to name a population of the group, by its code or id.',
    ],
    [
      'a composite without components, by a scoring that is not known here',
      [],
      { scoring: coded('composite'), compositeScoring: coded('median'), library: [] },
      'not-supported Measure.compositeScoring compositeScoring has to be one of opportunity, all-or-nothing, linear, weighted.',
    ],
    [
      'CQL in the place of a name',
      [
        {
          population: [
            population('initial-population', { criteria: { language: 'text/cql', expression: 'exists "A" and "B"' } }),
          ],
        },
      ],
      { scoring: coded('cohort') },
      'not-supported Measure.group[0].population[0].criteria.expression The population holds CQL of its own: define it in the library, and name the definition here.',
    ],
    [
      'a weighted composite with a component without a weight',
      [],
      {
        ...{ scoring: coded('composite'), compositeScoring: coded('weighted'), library: [] },
        relatedArtifact: [{ type: 'composed-of', resource: 'http://example.org/Measure/a' }],
      },
      'required Measure.relatedArtifact Each component of a weighted composite measure needs a weight (cqfm-weight) above 0.',
    ],
  ] as const)('%s', (_, group, more, expected) => {
    expect(told(group as never, more as never)).toContain(expected);
  });
});

test('what is said at a group goes before what is said of the whole, under the names of either guide', () => {
  const { groups, issues } = read(
    [
      {
        extension: [
          { url: 'http://hl7.org/fhir/uv/cqm/StructureDefinition/cqm-scoring', valueCodeableConcept: coded('cohort') },
          { url: `${us}-populationBasis`, valueCode: 'Encounter' },
          { url: `${us}-improvementNotation`, valueCodeableConcept: coded('decrease') },
          { url: `${us}-rateAggregation`, valueString: 'sum of both' },
          { url: 'http://hl7.org/fhir/StructureDefinition/extension-linkId', valueString: 'first' },
        ],
        population: [population('initial-population', { id: 'ip' })],
      },
      { population: proportion },
    ],
    {
      extension: [
        { url: `${us}-populationBasis`, valueCode: 'boolean' },
        {
          url: `${us}-scoringUnit`,
          valueCodeableConcept: {
            coding: [{ system: 'http://unitsofmeasure.org', code: '/(1000.mo)', display: 'per 1,000 member-months' }],
          },
        },
      ],
    },
  );
  expect(issues).toEqual([]);
  expect(groups.map(({ id, scoring, basis, improvement }) => [id, scoring, basis, improvement])).toEqual([
    ['first', 'cohort', 'Encounter', 'decrease'],
    ['group-2', 'proportion', 'boolean', 'increase'],
  ]);
  expect(groups[0]?.populations.map(({ id }) => id)).toEqual(['ip']);
  expect(groups[0]?.rateAggregation).toBe('sum of both');
  expect(groups[1]?.rateUnit).toEqual({ text: 'per 1,000 member-months', factor: 1000, code: '/(1000.mo)' });
});

test('a name in the quotes of CQL is that name; components and uses are read', () => {
  const { groups, supplemental, issues } = read(
    [
      {
        population: [
          population('initial-population', { criteria: { language: 'text/cql', expression: '"Initial Population"' } }),
          ...proportion.slice(1),
        ],
        stratifier: [
          {
            code: { text: 'age and sex' },
            component: [{ criteria: criteria('Age') }, { id: 'sex', criteria: criteria('Sex') }],
          },
        ],
      },
    ],
    { supplementalData: [{ id: 'sde-risk', usage: [coded('risk-adjustment-factor')], criteria: criteria('Risk') }] },
  );
  expect(issues).toEqual([]);
  expect(groups[0]?.populations[0]?.expression).toBe('Initial Population');
  expect(groups[0]?.stratifiers).toEqual([
    {
      id: 'stratifier-1',
      code: { text: 'age and sex' },
      components: [
        { id: 'component-1', expression: 'Age' },
        { id: 'sex', expression: 'Sex' },
      ],
    },
  ]);
  expect(supplemental).toEqual([{ id: 'sde-risk', expression: 'Risk', usage: 'risk-adjustment-factor' }]);
});
