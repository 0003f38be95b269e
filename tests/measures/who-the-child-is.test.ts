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
    for (const definition of ['SDE Race', 'SDE Ethnicity', 'SDE Sex', 'SDE Language', 'SDE Payer'])
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

test('every measure tells who its children are', () => {
  for (const { name, supplemental, libraries } of house.measures) {
    if (!libraries.some(({ id }) => id === 'CareweaveCommon')) continue;
    const told = supplemental.map(({ expression }) => expression);
    expect([name, told]).toEqual([
      name,
      expect.arrayContaining(['SDE Race', 'SDE Ethnicity', 'SDE Sex', 'SDE Language', 'SDE Payer']),
    ]);
    expect(valuesOf(house, name)([child({ gender: 'male' })], 'SDE Sex', year2026)).toBeInstanceOf(Code);
  }
});
