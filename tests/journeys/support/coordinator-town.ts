import { readFileSync } from 'node:fs';
import { demoTown } from '../../../fixtures/town/index.ts';
import { mirrorSource, siteSystem } from '../../../src/fhir/mirror.ts';
import type { Resource } from '../../../src/fhir/types.ts';
import { type TestHouse, unwrap } from '../../support/house.ts';

/** A child of three hospitals, looked after by Delphine Rook of the demo town, with things to do. Everybody is invented. */
export const child = { reference: 'Patient/robin-example' };
export const me = 'Practitioner/delphine-rook';
export const hospitals = {
  lakeside: 'Lakeside Children’s Hospital',
  summit: 'Summit Regional Hospital',
  harbor: 'Harbor Clinic',
};
type Site = keyof typeof hospitals;
const sct = 'http://snomed.info/sct';
const active = (kind: string) => ({
  coding: [{ system: `http://terminology.hl7.org/CodeSystem/${kind}`, code: 'active' }],
});

/** What a hospital sent, as the sync writes it: mirrors, and one Provenance that names the hospital. */
export async function sync(house: TestHouse, site: Site, ...resources: Resource[]): Promise<void> {
  const actor = { kind: 'system', id: 'ehr', requestId: `sync-${site}` } as const;
  unwrap(
    await house.store.transact(actor, async (tx) => {
      const target: { reference: string }[] = [];
      for (const resource of resources) {
        const source = mirrorSource(site, resource.resourceType, resource.id ?? '');
        const written = await tx.update({ ...resource, id: `${site}-${resource.id}`, meta: { source } });
        if (!written.ok) return written;
        target.push({ reference: `${resource.resourceType}/${site}-${resource.id}` });
      }
      const who = { identifier: { system: siteSystem, value: site }, display: hospitals[site] };
      return tx.create({ resourceType: 'Provenance', target, recorded: '2026-11-23T12:00:00Z', agent: [{ who }] });
    }),
  );
}

const allergy = (code: object, recordedDate: string): Resource => ({
  ...{ resourceType: 'AllergyIntolerance', id: 'penicillin', code, recordedDate, patient: child },
  clinicalStatus: active('allergyintolerance-clinical'),
});

/** An order of a hospital. */
export const order = (id: string, text: string): Resource => ({
  ...{ resourceType: 'ServiceRequest', id, status: 'active', intent: 'order', code: { text }, subject: child },
  performer: [{ display: 'The ward' }],
});

const plan = (site: Site, activity: string): Resource => ({
  ...{ resourceType: 'CarePlan', id: 'plan', status: 'active', intent: 'plan', subject: child },
  goal: [{ reference: `Goal/${site}-goal` }],
  activity: [{ reference: { reference: `ServiceRequest/${site}-${activity}` } }],
});

const goal = (text: string): Resource => ({
  ...{ resourceType: 'Goal', id: 'goal', lifecycleStatus: 'active', description: { text }, subject: child },
});

/** Puts everything there; nothing of it is written by the page. */
export async function settleTown(house: TestHouse): Promise<void> {
  const put = async (resource: Resource) => {
    const { status, text } = await house.fhir('PUT', `/${resource.resourceType}/${resource.id}`, resource);
    if (status >= 300) throw new Error(text);
  };
  const town = await house.fhir('POST', '', readFileSync(demoTown().organizations, 'utf8'));
  if (town.status !== 200) throw new Error(town.text);
  for (const resource of [...people(), ...enrollment(), ...todo()]) await put(resource);
  const penicillin = { coding: [{ system: sct, code: '91936005', display: 'Allergy to penicillin' }] };
  const icd = {
    coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'Z88.0' }],
    text: 'Allergy to penicillin',
  };
  await sync(
    house,
    'lakeside',
    ...[allergy(penicillin, '2024-05-01'), goal('Drink enough every day'), order('up', 'Encourage extra fluids')],
    plan('lakeside', 'up'),
  );
  await sync(
    house,
    'summit',
    ...[allergy(icd, '2026-02-01'), goal('Grow along the curve'), order('down', 'Fluid restriction, 800 mL a day')],
    plan('summit', 'down'),
  );
  await sync(house, 'harbor', allergy({ text: 'allergy to PENICILLIN' }, '2026-01-05'));
}

function people(): Resource[] {
  return [
    {
      ...{ resourceType: 'Patient', id: 'robin-example', birthDate: '2020-03-04', gender: 'female' },
      name: [{ family: 'Example', given: ['Robin'] }],
      generalPractitioner: [{ reference: 'Practitioner/imogen-bellwether' }],
    },
    { resourceType: 'Patient', id: 'sky-example', name: [{ family: 'Example', given: ['Sky'] }] },
    {
      ...{ resourceType: 'RelatedPerson', id: 'robin-mother', active: true, patient: child },
      name: [{ family: 'Example', given: ['Ada'] }],
      relationship: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-RoleCode', code: 'MTH' }] }],
    },
  ];
}

function enrollment(): Resource[] {
  const canonical = 'http://careweave.org/fhir';
  return [
    {
      ...{ resourceType: 'Consent', id: 'robin-consent', status: 'active', patient: child, dateTime: '2026-01-01' },
      scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'treatment' }] },
      category: [{ coding: [{ system: `${canonical}/CodeSystem/program-consent`, code: 'care-management' }] }],
      policyRule: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'OPTIN' }] },
    },
    {
      ...{ resourceType: 'EpisodeOfCare', id: 'robin-program', status: 'active', patient: child },
      extension: [
        {
          url: `${canonical}/StructureDefinition/care-program`,
          valueReference: { reference: 'HealthcareService/alder-falls-coordination' },
        },
        { url: `${canonical}/StructureDefinition/eligible-from`, valueDate: '2026-01-01' },
        {
          url: `${canonical}/StructureDefinition/enrollment-consent`,
          valueReference: { reference: 'Consent/robin-consent' },
        },
      ],
      type: [{ coding: [{ system: `${canonical}/CodeSystem/episode-type`, code: 'care-management' }] }],
      managingOrganization: { reference: 'Organization/alder-falls-coordination' },
      careManager: { reference: me },
      period: { start: '2026-02-01' },
    },
  ];
}

const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

const task = (id: string, description: string, more: object): Resource => ({
  ...{ resourceType: 'Task', id, status: 'accepted', intent: 'order', description, for: child },
  ...more,
});

/** What is to be done: late, soon, nobody's, two pages more, a referral that was declined, one that was sent, one for food. */
function todo(): Resource[] {
  const due = (days: number) => ({ restriction: { period: { end: day(days) } } });
  const mine = { owner: { reference: me } };
  const referral = (id: string, text: string, more: object): Resource[] => [
    { ...order(id, text), requester: { reference: me } },
    task(`${id}-task`, text, {
      code: { coding: [{ system: 'http://hl7.org/fhir/CodeSystem/task-code', code: 'fulfill' }] },
      focus: { reference: `ServiceRequest/${id}` },
      requester: { reference: me },
      owner: { reference: 'Organization/lakeside-childrens' },
      status: 'requested',
      ...more,
    }),
  ];
  return [
    task('late', 'Renew the insurance', { ...mine, ...due(-20) }),
    task('soon', 'Call about the wheelchair', { ...mine, ...due(3) }),
    task('nobodys', 'Find an interpreter', { status: 'requested', ...due(2) }),
    ...Array.from({ length: 27 }, (_, at) =>
      task(`more-${at}`, `Paper ${at}`, {
        for: { reference: 'Patient/sky-example' },
        owner: { reference: 'Practitioner/gus-whitfield' },
        ...due(5),
      }),
    ),
    ...referral('allergy-clinic', 'Allergy clinic', {
      status: 'rejected',
      statusReason: { text: 'We have no interpreter for this family' },
    }),
    ...referral('sleep-lab', 'Sleep laboratory', {}),
    {
      ...{ resourceType: 'Condition', id: 'robin-food', subject: child, recordedDate: '2026-10-01' },
      clinicalStatus: active('condition-clinical'),
      verificationStatus: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-ver-status', code: 'unconfirmed' }],
      },
      category: [{ coding: [{ system: 'http://hl7.org/fhir/us/core/CodeSystem/us-core-category', code: 'sdoh' }] }],
      code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'Z59.41' }], text: 'Food insecurity' },
    },
    ...referral('food', 'Food pantry', {}).map((one) =>
      one.resourceType === 'ServiceRequest'
        ? { ...one, reasonReference: [{ reference: 'Condition/robin-food' }] }
        : one,
    ),
  ];
}
