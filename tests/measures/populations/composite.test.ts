import { expect, test } from '@jest/globals';
import { scoreOf, tallyOf } from '../../../src/measures/counts.ts';
import { readDefinition } from '../../../src/measures/definition/read-definition.ts';
import { type ComponentResult, compositeResult } from '../../../src/measures/populations/composite.ts';
import type { GroupDefinition } from '../../../src/measures/types.ts';
import { group } from './told.ts';

const component = group('proportion', [
  'initial-population',
  'denominator',
  'denominator-exclusion',
  'denominator-exception',
  'numerator',
]);

/** A child's answer to one component, by the last population it is in. */
function answer(last: string, place = 0): ComponentResult {
  const nested: Record<string, string[]> = {
    outside: [],
    'initial-population': ['initial-population'],
    denominator: ['initial-population', 'denominator'],
    'denominator-exclusion': ['initial-population', 'denominator', 'denominator-exclusion'],
    numerator: ['initial-population', 'denominator', 'numerator'],
  };
  const populations = nested[last] ?? [];
  const units = populations.length === 0 ? [] : [{ populations, strata: {}, observations: {} }];
  return {
    group: component,
    result: { group: component.id, units, evidence: [`Observation/${last}`] },
    weight: place + 1,
  };
}

function composite(scoring: string): GroupDefinition {
  const { groups, issues } = readDefinition(
    {
      resourceType: 'Measure',
      status: 'active',
      scoring: { coding: [{ code: 'composite' }] },
      compositeScoring: { coding: [{ code: scoring }] },
      relatedArtifact: [
        {
          extension: [{ url: 'http://hl7.org/fhir/us/cqfmeasures/StructureDefinition/cqfm-weight', valueDecimal: 1.5 }],
          type: 'composed-of',
          resource: 'http://example.org/Measure/a',
        },
      ],
    },
    new Set(),
  );
  if (issues.length > 0 || !groups[0]) throw new Error(JSON.stringify(issues));
  return groups[0];
}

/** Two of three, all, none of one (the other is excluded), outside of all. */
const children = [
  ['numerator', 'numerator', 'denominator'],
  ['numerator', 'numerator', 'outside'],
  ['denominator', 'denominator-exclusion', 'outside'],
  ['outside', 'outside', 'outside'],
  ['initial-population', 'outside', 'outside'],
].map((each) => each.map((last, place) => answer(last, place)));

test.each([
  ['opportunity', { 'initial-population': 7, denominator: 6, numerator: 4 }, 4 / 6],
  ['all-or-nothing', { 'initial-population': 4, denominator: 3, numerator: 1 }, 1 / 3],
  ['linear', { 'initial-population': 4, denominator: 3, 'measure-observation': 3 }, (2 / 3 + 1 + 0) / 3],
  // The third weighs as much as the first and the second together.
  ['weighted', { 'initial-population': 4, denominator: 3, 'measure-observation': 3 }, (3 / 6 + 1 + 0) / 3],
])('%s', (scoring, counts, score) => {
  const definition = composite(scoring);
  const tally = tallyOf(
    definition,
    children.flatMap((child) => compositeResult(definition, child).units),
  );
  expect(tally.counts).toEqual(counts);
  expect(scoreOf(definition, tally)).toBeCloseTo(score, 12);
});

test('where less is better, not to be in the numerator is what counts', () => {
  const definition = composite('all-or-nothing');
  const worse = (last: string): ComponentResult => ({
    ...answer(last),
    group: { ...component, improvement: 'decrease' },
  });
  expect(compositeResult(definition, [worse('denominator')]).units[0]?.populations).toContain('numerator');
  expect(compositeResult(definition, [worse('numerator')]).units[0]?.populations).not.toContain('numerator');
  expect(compositeResult(definition, [worse('denominator-exclusion')]).units[0]?.populations).toEqual([
    'initial-population',
  ]);
});
