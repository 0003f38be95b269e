import type { Resource } from '../../../src/fhir/types.ts';

export const registry = 'http://alderfalls.example/iis';

export interface ChildSpec {
  id: string;
  given: string;
  family?: string;
  birthDate?: string;
  registryId?: string;
  more?: (subject: { reference: string }) => Resource[];
}

/** A hospital's transaction bundle about one child, all of it invented. */
export function chartOf(child: ChildSpec): Resource {
  const subject = { reference: `urn:uuid:${child.id}` };
  const patient: Resource = {
    resourceType: 'Patient',
    id: child.id,
    identifier: [
      {
        type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'MR' }] },
        system: 'urn:example:mrn',
        value: `mrn-${child.id}`,
      },
      ...(child.registryId ? [{ system: registry, value: child.registryId }] : []),
    ],
    name: [{ use: 'official', family: child.family ?? 'Testwell', given: [child.given] }],
    gender: 'female',
    birthDate: child.birthDate ?? '2020-03-01',
    telecom: [{ system: 'phone', value: '555-0100' }],
  };
  const resources = [patient, ...(child.more?.(subject) ?? [])];
  return {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: resources.map((resource) => ({
      fullUrl: `urn:uuid:${resource.id}`,
      resource,
      request: { method: 'POST', url: resource.resourceType },
    })),
  };
}

export const plan = (id: string, subject: object, category = '736353004'): Resource => ({
  resourceType: 'CarePlan',
  id,
  status: 'active',
  intent: 'plan',
  title: 'Asthma plan',
  category: [{ coding: [{ system: 'http://snomed.info/sct', code: category }] }],
  subject,
});

export const weights = (id: string, subject: object, count: number): Resource[] =>
  Array.from({ length: count }, (_each, index) => ({
    resourceType: 'Observation',
    id: `${id}-weight-${index}`,
    status: 'final',
    category: [
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }] },
    ],
    code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] },
    subject,
    performer: [{ reference: `urn:uuid:${id}-doc` }, { reference: 'Practitioner/left-long-ago', display: 'Dr. Wren' }],
    effectiveDateTime: `2026-01-${String((index % 28) + 1).padStart(2, '0')}`,
    valueQuantity: { value: JSON.rawJSON('12.50'), unit: 'kg' },
  }));

export const doctor = (id: string): Resource => ({
  resourceType: 'Practitioner',
  id: `${id}-doc`,
  name: [{ family: 'Invented', given: ['Iris'] }],
});
