import { describe, expect, test } from '@jest/globals';
import type { Resource } from '../../src/fhir/types.ts';
import { evaluateSubject } from '../../src/measures/evaluate-subject.ts';
import { houseMeasures, measureNamed, testChildren, year2026 } from './house.ts';

/** Strata and supplemental data as a child's result holds them. */

const house = houseMeasures();
const weight = measureNamed(house, 'weight-counseling');

const about = { subject: { reference: 'Patient/child' } };
const visit: Resource = {
  ...about,
  resourceType: 'Encounter',
  id: 'visit',
  status: 'finished',
  class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
  type: [{ coding: [{ system: 'http://snomed.info/sct', code: '410620009' }] }],
  period: { start: '2026-06-01', end: '2026-06-01' },
};
const coverage: Resource = {
  resourceType: 'Coverage',
  id: 'coverage',
  status: 'active',
  type: { coding: [{ system: 'https://nahdo.org/sopt', code: '2' }] },
  beneficiary: { reference: 'Patient/child' },
  payor: [{ display: 'Example Plan' }],
  period: { start: '2025-01-01' },
};
const child = (birthDate: string, more: object = {}): Resource => ({
  resourceType: 'Patient',
  id: 'child',
  birthDate,
  ...more,
});

async function resultOf(...resources: Resource[]) {
  const result = await evaluateSubject(weight, resources, year2026);
  if (!result.ok) throw new Error(result.error.issues[0]?.text);
  return result.value;
}

describe('age groups of weight counseling', () => {
  test.each([
    ['turning three on the last day', '2023-12-31', 'age-3-11'],
    ['turning twelve the day after the period', '2015-01-01', 'age-3-11'],
    ['turning twelve on the last day', '2014-12-31', 'age-12-17'],
    ['turning eighteen the day after the period', '2009-01-01', 'age-12-17'],
    ['born on leap day', '2012-02-29', 'age-12-17'],
  ])('%s', async (_, birth, expected) => {
    const { groups } = await resultOf(child(birth), visit);
    const strata = groups.map(({ group, units }) => [group, units.map((unit) => unit.strata.age)]);
    expect(strata).toEqual([
      ['bmi-percentile', [expected]],
      ['nutrition', [expected]],
      ['physical-activity', [expected]],
    ]);
  });

  test.each([
    ['turning three the day after the period', '2024-01-01'],
    ['turning eighteen on the last day', '2008-12-31'],
  ])('%s is in no stratum', async (_, birth) => {
    const { groups } = await resultOf(child(birth), visit);
    expect(groups.flatMap(({ units }) => units)).toEqual([]);
  });
});

test('enrollment is a stratum: known where there is Coverage, else unknown, and it keeps nobody out', async () => {
  const strata = async (...more: Resource[]) =>
    (await resultOf(child('2016-05-05'), visit, ...more)).groups.flatMap(({ units }) =>
      units.map((unit) => unit.strata.enrollment),
    );
  expect(await strata()).toEqual(['', '', '']);
  expect(await strata(coverage)).toEqual(['continuous', 'continuous', 'continuous']);
  const lost = { ...coverage, period: { start: '2025-01-01', end: '2026-07-31' } };
  expect(await strata(lost)).toEqual(['interrupted', 'interrupted', 'interrupted']);
});

test('who the child is comes along as recorded', async () => {
  const race = {
    url: 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-race',
    extension: [
      { url: 'ombCategory', valueCoding: { system: 'urn:oid:2.16.840.1.113883.6.238', code: '2028-9' } },
      { url: 'text', valueString: 'Asian' },
    ],
  };
  const { supplemental } = await resultOf(
    child('2016-05-05', { gender: 'female', extension: [race] }),
    visit,
    coverage,
  );
  expect(supplemental).toEqual({
    race: ['urn:oid:2.16.840.1.113883.6.238|2028-9'],
    ethnicity: [],
    sex: ['http://hl7.org/fhir/administrative-gender|female'],
    language: [],
    payer: ['https://nahdo.org/sopt|2'],
    disability: [],
  });
});

test('what counted is shown: the records behind every numerator of the test children', async () => {
  const shown = new Set<string>();
  for (const name of ['adolescent-immunizations', 'lead-screening', 'developmental-screening', 'weight-counseling']) {
    const measure = measureNamed(house, name);
    for (const { file, resources } of testChildren(name)) {
      const [, group] = /^numerator-of-(.+?)-when-/.exec(file) ?? [];
      if (group === undefined) continue;
      const result = await evaluateSubject(measure, resources, year2026);
      if (!result.ok) throw new Error(result.error.issues[0]?.text);
      const evidence = result.value.groups.find((each) => each.group === group)?.evidence ?? [];
      expect([file, evidence.length > 0]).toEqual([file, true]);
      for (const reference of evidence) shown.add(reference.split('/')[0] ?? '');
    }
  }
  const types = ['Condition', 'Encounter', 'Immunization', 'Observation', 'Procedure', 'QuestionnaireResponse'];
  expect([...shown].sort()).toEqual(types);
});
