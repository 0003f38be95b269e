import type { PrivacyHouse } from '../../access/support/privacy-house.ts';

/** A child with asthma, her mother, and the records that say who is who; partners are those of fixtures/privacy/school-day. */
export const child = 'Patient/journey-child';
export const mother = 'RelatedPerson/journey-mother';
export const doctor = 'Practitioner/pv-doctor';
export const officer = 'Practitioner/pv-officer';
export const school = 'Organization/pv-school-day-school';
export const nurse = 'Practitioner/pv-school-day-nurse';
export const pantry = 'Organization/pv-school-day-pantry';
export const helper = 'Practitioner/pv-school-day-helper';

const concept = (system: string, code: string) => ({ coding: [{ system, code }] });
const privacy = concept('http://terminology.hl7.org/CodeSystem/consentscope', 'patient-privacy');

export async function welcome(house: PrivacyHouse): Promise<void> {
  await house.load('school-day');
  const records = [
    {
      resourceType: 'Patient',
      id: 'journey-child',
      active: true,
      name: [{ family: 'Sedum', given: ['Wren'] }],
      birthDate: '2018-04-11',
      gender: 'female',
      identifier: [{ system: 'urn:careweave:test:mrn', value: 'JOURNEY-1' }],
      telecom: [{ system: 'phone', value: '555-0188' }],
      generalPractitioner: [{ reference: doctor }],
    },
    {
      resourceType: 'RelatedPerson',
      id: 'journey-mother',
      active: true,
      patient: { reference: child },
      relationship: [concept('http://terminology.hl7.org/CodeSystem/v3-RoleCode', 'MTH')],
      name: [{ family: 'Sedum', given: ['Ada'] }],
    },
    {
      resourceType: 'Consent',
      id: 'journey-proxy',
      status: 'active',
      scope: privacy,
      category: [concept('http://careweave.org/fhir/CodeSystem/proxy-basis', 'parent')],
      patient: { reference: child },
      policyRule: concept('http://terminology.hl7.org/CodeSystem/v3-ActCode', 'OPTIN'),
      verification: [{ verified: true, verificationDate: '2026-01-05' }],
      provision: {
        type: 'permit',
        actor: [
          {
            role: concept('http://terminology.hl7.org/CodeSystem/v3-ParticipationType', 'IRCP'),
            reference: { reference: mother },
          },
        ],
      },
    },
    {
      resourceType: 'Condition',
      id: 'journey-asthma',
      clinicalStatus: concept('http://terminology.hl7.org/CodeSystem/condition-clinical', 'active'),
      code: { coding: [{ system: 'http://snomed.info/sct', code: '195967001', display: 'Asthma' }] },
      subject: { reference: child },
    },
    {
      resourceType: 'AllergyIntolerance',
      id: 'journey-allergy',
      clinicalStatus: concept('http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical', 'active'),
      code: { text: 'Cat hair' },
      patient: { reference: child },
    },
  ];
  const entry = records.map((resource) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  }));
  const { status, text } = await house.as('system', 'POST', '', { resourceType: 'Bundle', type: 'transaction', entry });
  if (status !== 200) throw new Error(text);
}

export function share(house: PrivacyHouse, organization: string, more: object[] = []) {
  const parameter = [
    { name: 'organization', valueString: organization },
    { name: 'until', valueDate: '2027-06-30' },
    { name: 'understood', valueBoolean: true },
    ...more,
  ];
  return house.as(mother, 'POST', `/${child}/$share`, { resourceType: 'Parameters', parameter });
}

/** Of the log or the sharing screen: the parts of each event or partner, by name, values alone. */
export function partsOf(answer: { json: any }, name: string): Record<string, any[]>[] {
  const found = (answer.json.parameter ?? []).filter((one: any) => one.name === name);
  return found.map(({ part }: any) => {
    const values = new Map<string, any[]>();
    for (const { name: key, part: inner, ...value } of part)
      values.set(key, [...(values.get(key) ?? []), inner ?? Object.values(value)[0]]);
    return Object.fromEntries(values);
  });
}

export const codeOf = (code: string) => concept('http://hl7.org/fhir/CodeSystem/task-code', code);
