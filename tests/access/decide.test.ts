import { describe, expect, test } from '@jest/globals';
import { authorize, may, visibilityOf } from '../../src/access/decide.ts';
import { parseScopes } from '../../src/access/scopes.ts';
import type { Principal } from '../../src/access/types.ts';
import type { Grant } from '../../src/store/types.ts';

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
  view: { grants: [{ types: 'any' }], policy: 'invented' },
});
const limited = (...grants: Grant[]) => ({ kind: 'limited', grants });

describe('refused', () => {
  test('no scope at all: nothing is visible', () => {
    expect(may(machine(''), 'Patient', 'r')).toBe(false);
    expect(visibilityOf(machine(''), 'r')).toEqual(limited());
  });

  test('patient/ without a patient in the token reaches nobody (TH-09)', () => {
    for (const patientId of [undefined, '']) {
      const principal = person('patient/*.cruds', patientId);
      expect(may(principal, 'Patient', 'r')).toBe(false);
      expect(visibilityOf(principal, 's')).toEqual(limited());
    }
  });

  test('a person without a view, or with one of no grants, reaches nothing', () => {
    const principal = person('user/*.cruds patient/*.cruds', 'a');
    expect(visibilityOf({ ...principal, view: undefined }, 'r')).toEqual(limited());
    expect(visibilityOf({ ...principal, view: { grants: [], policy: 'invented' } }, 'r')).toEqual(limited());
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
      value: limited({ types: new Set(['Patient']) }),
    });
    expect(authorize(principal, 'Goal', 'c')).toEqual({
      ok: true,
      value: limited({ types: new Set(['Goal']) }),
    });
    expect(visibilityOf(machine('system/*.rs'), 'r')).toEqual(limited({ types: 'any' }));
  });

  test('patient/ sees one child', () => {
    expect(visibilityOf(person('patient/*.rs', 'a'), 'r')).toEqual(limited({ types: 'any', patients: ['a'] }));
  });

  test('user/ beside patient/: the union of both, no more and no less', () => {
    const principal = person('user/Practitioner.rs user/Observation.rs patient/Goal.rs', 'a');
    expect(visibilityOf(principal, 's')).toEqual(
      limited({ types: new Set(['Practitioner', 'Observation']) }, { types: new Set(['Goal']), patients: ['a'] }),
    );
  });

  test('where no patient/ scope takes part there is no such limit', () => {
    const principal = person('user/Observation.c patient/Goal.rs', 'a');
    expect(visibilityOf(principal, 'c')).toEqual(limited({ types: new Set(['Observation']) }));
  });

  test('what scopes grant and the view leaves: every pair, and never more than either (SC-158)', () => {
    const view = {
      policy: 'test',
      grants: [
        { types: new Set(['Goal', 'Patient']), patients: ['a', 'b'], hides: 1n },
        { types: 'any' as const, patients: ['c'], except: ['d'] },
      ],
    };
    const principal = { ...person('patient/*.rs user/Goal.rs user/Practitioner.rs', 'b'), view };
    expect(visibilityOf(principal, 's')).toEqual(
      limited(
        { types: new Set(['Goal']), patients: ['a', 'b'], hides: 1n },
        { types: new Set(['Goal', 'Practitioner']), patients: ['c'], except: ['d'] },
        { types: new Set(['Goal', 'Patient']), patients: ['b'], hides: 1n },
      ),
    );
  });
});
