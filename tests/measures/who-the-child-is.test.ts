import { describe, expect, test } from '@jest/globals';
import type { Resource } from '../../src/fhir/types.ts';
import { Code } from '../../src/measures/engine/values/code.ts';
import { houseMeasures, year2026 } from './house.ts';
import { valuesOf } from './measure-logic.ts';

const house = houseMeasures();
const value = valuesOf(house, 'childhood-immunization-status');
const core = 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-';
const omb = (code: string) => ({
  url: 'ombCategory',
  valueCoding: { system: 'urn:oid:2.16.840.1.113883.6.238', code },
});
const child = (more: object = {}): Resource => ({
  resourceType: 'Patient',
  id: 'child',
  birthDate: '2024-03-10',
  ...more,
});

/** Codes as `code`, in any order. */
function codes(definition: string, ...resources: Resource[]): string[] {
  const found = value(resources, definition);
  const list = Array.isArray(found) ? found : found === null ? [] : [found];
  return list.map((each) => (each instanceof Code ? (each.code ?? '') : `no code: ${String(each)}`)).sort();
}

let made = 0;
function coverage(type: string, start: string, end?: string): Resource {
  made += 1;
  return {
    resourceType: 'Coverage',
    id: `coverage-${made}`,
    status: 'active',
    type: { coding: [{ system: 'https://nahdo.org/sopt', code: type }] },
    beneficiary: { reference: 'Patient/child' },
    payor: [{ display: 'Example Plan' }],
    period: { start, ...(end && { end }) },
  };
}

describe('supplemental data', () => {
  test('nothing recorded is nothing known', () => {
    for (const definition of ['SDE Race', 'SDE Ethnicity', 'SDE Sex', 'SDE Language', 'SDE Payer', 'SDE Disability'])
      expect([definition, codes(definition, child())]).toEqual([definition, []]);
  });

  test('race holds every category that was told, and not the detailed ones', () => {
    const detailed = { url: 'detailed', valueCoding: { system: 'urn:oid:2.16.840.1.113883.6.238', code: '2036-2' } };
    const race = {
      url: `${core}race`,
      extension: [omb('2028-9'), omb('2106-3'), detailed, { url: 'text', valueString: 'Both' }],
    };
    expect(codes('SDE Race', child({ extension: [race] }))).toEqual(['2028-9', '2106-3']);
    expect(codes('SDE Ethnicity', child({ extension: [race] }))).toEqual([]);
  });

  test('ethnicity and sex', () => {
    const ethnicity = { url: `${core}ethnicity`, extension: [omb('2135-2')] };
    expect(codes('SDE Ethnicity', child({ extension: [ethnicity] }))).toEqual(['2135-2']);
    expect(codes('SDE Sex', child({ gender: 'female' }))).toEqual(['female']);
  });

  test('the preferred language stands before the others', () => {
    const speaks = (code: string, preferred?: boolean) => ({
      language: { coding: [{ system: 'urn:ietf:bcp:47', code }] },
      ...(preferred !== undefined && { preferred }),
    });
    expect(codes('SDE Language', child({ communication: [speaks('en'), speaks('es', true)] }))).toEqual(['es']);
    expect(codes('SDE Language', child({ communication: [speaks('en'), speaks('es', false)] }))).toEqual(['en', 'es']);
  });

  test('the payer is that of the last day of the period', () => {
    const [before, now] = [coverage('5', '2024-01-01', '2026-08-31'), coverage('2', '2026-09-01')];
    expect(codes('SDE Payer', child(), before, now)).toEqual(['2']);
    expect(codes('SDE Payer', child(), now, coverage('5', '2027-01-01'))).toEqual(['2']);
    expect(codes('SDE Payer', child(), now, coverage('9', '2026-01-01', '2026-12-31'))).toEqual(['2', '9']);
  });

  test('who pays for themselves is known to, though that is no enrollment', () => {
    const system = 'http://terminology.hl7.org/CodeSystem/coverage-selfpay';
    const self = { ...coverage('pay', '2025-01-01'), type: { coding: [{ system, code: 'pay' }] } };
    expect(codes('SDE Payer', child(), self)).toEqual(['pay']);
    expect(value([child(), self], 'Enrollment')).toBeNull();
  });

  test('the payer of a child not covered on the last day is the one that ended last in the period', () => {
    const [first, second] = [coverage('5', '2024-01-01', '2026-03-31'), coverage('2', '2026-04-01', '2026-08-31')];
    expect(codes('SDE Payer', child(), first, second)).toEqual(['2']);
    expect(codes('SDE Payer', child(), coverage('5', '2024-01-01', '2025-12-31'))).toEqual([]);
  });
});

describe('disability', () => {
  const answer = (more: object, code = '69859-7'): Resource => ({
    resourceType: 'Observation',
    id: `answer-${code}`,
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code }] },
    subject: { reference: 'Patient/child' },
    effectiveDateTime: '2025-06-01',
    ...more,
  });
  const coded = (code: string, system = 'http://loinc.org') => ({
    valueCodeableConcept: { coding: [{ system, code }] },
  });
  const disability = (...answers: Resource[]) => value([child(), ...answers], 'SDE Disability');

  test.each<[string, string | null, Resource[]]>([
    ['a yes', 'disability told', [answer({ valueBoolean: true })]],
    ['a yes by code of LOINC', 'disability told', [answer(coded('LA33-6'))]],
    ['a yes by code of SNOMED CT', 'disability told', [answer(coded('373066001', 'http://snomed.info/sct'))]],
    ['one yes among noes', 'disability told', [answer({ valueBoolean: false }), answer(coded('LA33-6'), '69856-3')]],
    ['a no', 'no disability told', [answer({ valueBoolean: false })]],
    ['a no by code of LOINC', 'no disability told', [answer(coded('LA32-8'))]],
    ['a no by code of SNOMED CT', 'no disability told', [answer(coded('373067005', 'http://snomed.info/sct'))]],
    ['a refusal to answer', null, [answer(coded('LA30122-8'))]],
    ['another question', null, [answer({ valueBoolean: true }, '72166-2')]],
    ['an answer that is preliminary', null, [answer({ valueBoolean: true, status: 'preliminary' })]],
    ['an answer entered in error', null, [answer({ valueBoolean: true, status: 'entered-in-error' })]],
    ['an answer of the last day', 'disability told', [answer({ valueBoolean: true, effectiveDateTime: '2026-12-31' })]],
    ['an answer of the day after', null, [answer({ valueBoolean: true, effectiveDateTime: '2027-01-01' })]],
  ])('%s', (_, expected, answers) => expect(disability(...answers)).toBe(expected));
});

test('every measure tells who its children are, and those of the core set whether a disability was told', () => {
  const asked = house.measures.filter(({ libraries }) => libraries.some(({ id }) => id === 'CareweaveCommon'));
  const told = (measure: (typeof asked)[number]) => measure.supplemental.map(({ expression }) => expression);
  for (const measure of asked) {
    const missing = ['SDE Race', 'SDE Ethnicity', 'SDE Sex', 'SDE Language', 'SDE Payer'].filter(
      (expression) => !told(measure).includes(expression),
    );
    expect([measure.name, missing]).toEqual([measure.name, []]);
    expect(valuesOf(house, measure.name)([child({ gender: 'male' })], 'SDE Sex', year2026)).toBeInstanceOf(Code);
  }
  const names = asked.filter((measure) => told(measure).includes('SDE Disability')).map(({ name }) => name);
  expect(names).toEqual(
    expect.arrayContaining([
      'adolescent-immunizations',
      'childhood-immunization-status',
      'developmental-screening',
      'emergency-visits',
      'inpatient-days',
      'lead-screening',
      'metabolic-monitoring',
      'oral-evaluation',
      'topical-fluoride',
      'weight-counseling',
      'well-child-visits',
      'well-child-visits-first-30-months',
    ]),
  );
});
