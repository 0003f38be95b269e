import { describe, expect, test } from '@jest/globals';
import { authorize, may, visibilityOf } from '../../src/access/decide.ts';
import { parseScopes } from '../../src/access/scopes.ts';
import type { Principal } from '../../src/access/types.ts';

const types = new Set(['Patient', 'Observation', 'Goal', 'Practitioner']);
const scopes = (text: string) => parseScopes(text, types).resource;
const machine = (text: string): Principal => ({ kind: 'client', id: 'm', clientId: 'm', scopes: scopes(text) });
const person = (text: string, patientId?: string): Principal => ({
  kind: 'user',
  id: 'Practitioner/p',
  clientId: 'app',
  scopes: scopes(text),
  fhirUser: 'Practitioner/p',
  patientId,
});

describe('refused', () => {
  test('no scope at all: nothing is visible', () => {
    expect(may(machine(''), 'Patient', 'r')).toBe(false);
    expect(visibilityOf(machine(''), 'r')).toEqual({ kind: 'limited', types: new Set() });
  });

  test('patient/ without a patient in the token reaches nobody (TH-09)', () => {
    for (const patientId of [undefined, '']) {
      const principal = person('patient/*.cruds', patientId);
      expect(may(principal, 'Patient', 'r')).toBe(false);
      expect(visibilityOf(principal, 's')).toEqual({ kind: 'limited', types: new Set() });
    }
  });

  test('user/ without a known person, system/ for a person', () => {
    expect(may({ ...person('user/*.cruds'), fhirUser: undefined }, 'Patient', 'r')).toBe(false);
    expect(may(machine('user/*.cruds'), 'Patient', 'r')).toBe(false);
    expect(may(person('system/*.cruds'), 'Patient', 'r')).toBe(false);
  });

  test.each([
    ['another type', 'system/Goal.cruds', 'Patient', 'r'],
    ['another interaction', 'system/Patient.cuds', 'Patient', 'r'],
    ['search with read only (SC-152)', 'system/Patient.r', 'Patient', 's'],
  ] as const)('%s is forbidden, in words that name no record (SC-153)', (_name, text, type, interaction) => {
    const refused = authorize(machine(text), type, interaction);
    expect(refused).toMatchObject({ ok: false, error: { kind: 'forbidden' } });
  });
});

describe('granted', () => {
  test('system/ sees its types in all records, for its interactions', () => {
    const principal = machine('system/Patient.rs system/Goal.c');
    expect(authorize(principal, 'Patient', 's')).toEqual({
      ok: true,
      value: { kind: 'limited', types: new Set(['Patient']) },
    });
    expect(authorize(principal, 'Goal', 'c')).toEqual({
      ok: true,
      value: { kind: 'limited', types: new Set(['Goal']) },
    });
    expect(visibilityOf(machine('system/*.rs'), 'r')).toEqual({ kind: 'limited', types: 'any' });
  });

  test('patient/ sees one child', () => {
    expect(visibilityOf(person('patient/*.rs', 'a'), 'r')).toEqual({ kind: 'limited', types: 'any', patientId: 'a' });
  });

  test('user/ beside patient/: the limit to one child holds for all of it', () => {
    const principal = person('user/Practitioner.rs user/Observation.rs patient/Goal.rs', 'a');
    expect(visibilityOf(principal, 's')).toEqual({
      kind: 'limited',
      types: new Set(['Practitioner', 'Observation', 'Goal']),
      patientId: 'a',
    });
  });

  test('where no patient/ scope takes part there is no such limit', () => {
    const principal = person('user/Observation.c patient/Goal.rs', 'a');
    expect(visibilityOf(principal, 'c')).toEqual({ kind: 'limited', types: new Set(['Observation']) });
  });
});
