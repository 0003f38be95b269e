import { randomUUID } from 'node:crypto';
import { openPrivacyHouse, type PrivacyAnswer, type PrivacyHouse } from '../../../access/support/privacy-house.ts';

/** A child with a shared plan, a mother, a coordinator who leads, a doctor; and a mother of somebody else. Everybody asks through the public API. */
export interface Family {
  house: PrivacyHouse;
  child: string;
  plan: string;
  mother: string;
  lead: string;
  doctor: string;
  /** Of another child. */
  stranger: string;
  goal: string;
  operation(who: string, path: string, parameters: object[], headers?: Record<string, string>): Promise<PrivacyAnswer>;
  read(reference: string): Promise<any>;
}

const base = 'http://careweave.org/fhir';
const concept = (system: string, code: string) => ({ coding: [{ system, code }] });
const to = (reference: string) => ({ reference });

function proxy(id: string, child: string) {
  const role = concept('http://terminology.hl7.org/CodeSystem/v3-ParticipationType', 'IRCP');
  return {
    resourceType: 'Consent',
    id: `${id}-proxy`,
    status: 'active',
    scope: concept('http://terminology.hl7.org/CodeSystem/consentscope', 'patient-privacy'),
    category: [concept(`${base}/CodeSystem/proxy-basis`, 'parent')],
    patient: to(`Patient/${child}`),
    dateTime: '2026-09-10',
    policyRule: concept('http://terminology.hl7.org/CodeSystem/v3-ActCode', 'OPTIN'),
    verification: [{ verified: true, verificationDate: '2026-09-10' }],
    provision: { type: 'permit', actor: [{ role, reference: to(`RelatedPerson/${id}`) }] },
  };
}

const mother = (id: string, child: string, given: string) => ({
  resourceType: 'RelatedPerson',
  id,
  active: true,
  patient: to(`Patient/${child}`),
  relationship: [concept('http://terminology.hl7.org/CodeSystem/v3-RoleCode', 'MTH')],
  name: [{ family: 'Example', given: [given] }],
});
const practitioner = (id: string, family: string) => ({ resourceType: 'Practitioner', id, name: [{ family }] });

function records(child: string) {
  const patient = (id: string) => ({
    resourceType: 'Patient',
    id,
    name: [{ family: 'Example', given: ['Robin'] }],
    birthDate: '2020-03-04',
    generalPractitioner: [to(`Practitioner/${child}-doctor`)],
  });
  const lead = {
    member: to(`Practitioner/${child}-lead`),
    role: [{ text: 'Coordinator' }],
    extension: [{ url: `${base}/StructureDefinition/lead-coordinator`, valueBoolean: true }],
  };
  return [
    patient(child),
    patient(`${child}-other`),
    practitioner(`${child}-lead`, 'Larkin'),
    practitioner(`${child}-doctor`, 'Dunmore'),
    practitioner(`${child}-doctor-specialist`, 'Farrow'),
    mother(`${child}-mother`, child, 'Maren'),
    mother(`${child}-stranger`, `${child}-other`, 'Sybil'),
    proxy(`${child}-mother`, child),
    proxy(`${child}-stranger`, `${child}-other`),
    {
      resourceType: 'CareTeam',
      id: `${child}-team`,
      status: 'active',
      subject: to(`Patient/${child}`),
      participant: [lead],
    },
    {
      resourceType: 'Goal',
      id: `${child}-goal`,
      lifecycleStatus: 'active',
      description: { text: 'Walk to school' },
      subject: to(`Patient/${child}`),
      note: [{ text: 'Likes the dog' }],
    },
    {
      resourceType: 'CarePlan',
      id: `${child}-plan`,
      status: 'active',
      intent: 'plan',
      title: 'Shared plan of care',
      subject: to(`Patient/${child}`),
      period: { start: '2026-09-01' },
      category: [concept(`${base}/CodeSystem/careplan-category`, 'shared-plan-of-care')],
      careTeam: [to(`CareTeam/${child}-team`)],
      goal: [to(`Goal/${child}-goal`)],
    },
  ];
}

export const goalOf = (child: string, text: string, more: object = {}) => ({
  resourceType: 'Goal',
  lifecycleStatus: 'proposed',
  description: { text },
  subject: to(child),
  ...more,
});

export async function openFamily(): Promise<Family> {
  const house = await openPrivacyHouse();
  return { house, ...(await addFamily(house)) };
}

/** Another child with everything of its own, in the same house. */
export async function addFamily(house: PrivacyHouse): Promise<Omit<Family, 'house'>> {
  const child = `c-${randomUUID().slice(0, 8)}`;
  const entry = records(child).map((resource) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  }));
  const loaded = await house.as('system', 'POST', '', { resourceType: 'Bundle', type: 'transaction', entry });
  if (loaded.status !== 200) throw new Error(loaded.text);
  house.access.forget();
  return {
    child: `Patient/${child}`,
    plan: `CarePlan/${child}-plan`,
    mother: `RelatedPerson/${child}-mother`,
    lead: `Practitioner/${child}-lead`,
    doctor: `Practitioner/${child}-doctor`,
    stranger: `RelatedPerson/${child}-stranger`,
    goal: `Goal/${child}-goal`,
    operation: (who, path, parameter, headers) =>
      house.as(who, 'POST', `/${path}`, { resourceType: 'Parameters', parameter }, headers),
    read: async (reference) => (await house.as('system', 'GET', `/${reference}`)).json,
  };
}

/** One parameter, by the kind of its value. */
export const code = (name: string, valueCode: string) => ({ name, valueCode });
export const words = (name: string, valueString: string) => ({ name, valueString });
export const ref = (name: string, reference: string) => ({ name, valueReference: { reference } });
export const whole = (name: string, resource: object) => ({ name, resource });
