import { describe, expect, test } from '@jest/globals';
import type { Resource } from '../../../src/fhir/types.ts';
import { careManagementIn } from '../../../src/web/clinician/care-management.ts';

const canonical = 'http://careweave.org/fhir';
const flag = (episode: string, more: object = {}): Resource => ({
  resourceType: 'Flag',
  id: `flag-${episode}`,
  status: 'active',
  extension: [
    {
      url: 'http://hl7.org/fhir/StructureDefinition/flag-detail',
      valueReference: { reference: `EpisodeOfCare/${episode}` },
    },
  ],
  code: { coding: [{ system: `${canonical}/CodeSystem/care-flag`, code: 'in-care-management' }] },
  subject: { reference: 'Patient/child' },
  ...more,
});
const episode = (id: string, more: object = {}): Resource => ({
  resourceType: 'EpisodeOfCare',
  id,
  status: 'active',
  patient: { reference: 'Patient/child' },
  period: { start: '2026-02-03T10:00:00Z' },
  careManager: { reference: 'Practitioner/gus' },
  extension: [
    { url: `${canonical}/StructureDefinition/care-program`, valueReference: { reference: 'HealthcareService/calls' } },
  ],
  ...more,
});
const program = { resourceType: 'HealthcareService', id: 'calls', name: 'Daily calls' };
const gus = {
  resourceType: 'Practitioner',
  id: 'gus',
  name: [{ given: ['Gus'], family: 'Field' }],
  telecom: [{ system: 'phone', value: '+1-555-0100' }],
};
const role = (id: string, service: string, value: string): Resource => ({
  resourceType: 'PractitionerRole',
  id,
  practitioner: { reference: 'Practitioner/gus' },
  healthcareService: [{ reference: `HealthcareService/${service}` }],
  telecom: [{ system: 'phone', value }],
});

describe('who manages the care', () => {
  test('nobody, without a Flag in force of ours, or when the enrollment has ended', () => {
    expect(careManagementIn([episode('e')])).toEqual([]);
    expect(careManagementIn([flag('e', { status: 'inactive' }), episode('e')])).toEqual([]);
    expect(careManagementIn([flag('e', { code: { coding: [{ code: 'in-care-management' }] } }), episode('e')])).toEqual(
      [],
    );
    expect(careManagementIn([flag('e'), episode('e', { status: 'finished' })])).toEqual([]);
  });

  test('is told with what of it may be known', () => {
    expect(careManagementIn([flag('e'), episode('e')])).toEqual([{ onHold: false, since: '2026-02-03' }]);
    expect(careManagementIn([flag('e'), episode('e', { status: 'onhold' }), program, gus])).toEqual([
      { onHold: true, since: '2026-02-03', program: 'Daily calls', manager: 'Gus Field', phone: '+1-555-0100' },
    ]);
  });

  test('has the number of the role in this program, and of no other', () => {
    const told = (...roles: Resource[]) => careManagementIn([flag('e'), episode('e'), gus, ...roles])[0]?.phone;
    expect(told(role('r', 'calls', '+1-555-0140'))).toBe('+1-555-0140');
    expect(told(role('r', 'elsewhere', '+1-555-0140'))).toBe('+1-555-0100');
    expect(told(role('r', 'calls', '+1-555-0140'), role('s', 'calls', '+1-555-0141'))).toBe('+1-555-0100');
    const named = episode('e', { careManager: { reference: 'PractitionerRole/r' } });
    expect(careManagementIn([flag('e'), named, gus, role('r', 'calls', '+1-555-0140')])[0]).toMatchObject({
      manager: 'Gus Field',
      phone: '+1-555-0140',
    });
  });
});
