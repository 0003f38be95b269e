import { openPrivacyHouse, type PrivacyHouse } from '../../access/support/privacy-house.ts';

export const child = 'screen-child';
export const mother = `RelatedPerson/${child}-mother`;
export const father = `RelatedPerson/${child}-father`;
export const clinician = 'Practitioner/screen-clinician';
export const childRef = { reference: `Patient/${child}` };

const concept = (system: string, code: string) => ({ coding: [{ system, code }] });

/** A house with a child of five whose parents both have full proxies, and a clinician. */
export async function openTwoParents(start = '2026-03-02T15:00:00Z'): Promise<PrivacyHouse> {
  const house = await openPrivacyHouse(start);
  const kin = ['mother', 'father'].flatMap((who) => [
    { resourceType: 'RelatedPerson', id: `${child}-${who}`, active: true, patient: childRef, name: [{ text: who }] },
    {
      resourceType: 'Consent',
      id: `${child}-${who}-proxy`,
      status: 'active',
      scope: concept('http://terminology.hl7.org/CodeSystem/consentscope', 'patient-privacy'),
      category: [concept('http://careweave.org/fhir/CodeSystem/proxy-basis', 'parent')],
      patient: childRef,
      dateTime: '2026-01-01',
      policyRule: concept('http://terminology.hl7.org/CodeSystem/v3-ActCode', 'OPTIN'),
      verification: [{ verified: true, verificationDate: '2026-01-01' }],
      provision: {
        type: 'permit',
        actor: [
          {
            role: concept('http://terminology.hl7.org/CodeSystem/v3-ParticipationType', 'IRCP'),
            reference: { reference: `RelatedPerson/${child}-${who}` },
          },
        ],
      },
    },
  ]);
  const patient = {
    resourceType: 'Patient',
    id: child,
    name: [{ family: 'Example', given: ['Robin'] }],
    birthDate: '2021-01-05',
    gender: 'female',
    communication: [{ language: concept('urn:ietf:bcp:47', 'es'), preferred: true }],
  };
  const staff = { resourceType: 'Practitioner', id: 'screen-clinician', name: [{ family: 'Example' }] };
  const pantry = { resourceType: 'Organization', id: 'wic', name: 'Example WIC office' };
  const entry = [patient, staff, pantry, ...kin].map((resource) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  }));
  const loaded = await house.as('system', 'POST', '', { resourceType: 'Bundle', type: 'transaction', entry });
  if (loaded.status !== 200) throw new Error(loaded.text);
  house.access.forget();
  return house;
}
